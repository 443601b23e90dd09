package io.quorate.server.api;

import io.grpc.stub.StreamObserver;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Migrations;
import io.quorate.statemachine.model.Tokens;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.FencingToken;
import io.quorate.v1.GetOwnerRequest;
import io.quorate.v1.GetOwnerResponse;
import io.quorate.v1.ListOwnersRequest;
import io.quorate.v1.ListOwnersResponse;
import io.quorate.v1.Owner;
import io.quorate.v1.OwnershipServiceGrpc;
import io.quorate.v1.ReadOptions;
import io.quorate.v1.ValidateTokenRequest;
import io.quorate.v1.ValidateTokenResponse;
import io.quorate.v1.ValidateTokenResponse.Verdict;
import java.util.TreeMap;

/** Who owns what, and whether a token is the newest. */
final class OwnershipServiceImpl extends OwnershipServiceGrpc.OwnershipServiceImplBase {
    private final ServiceSupport support;

    OwnershipServiceImpl(ServiceSupport support) {
        this.support = support;
    }

    @Override
    public void getOwner(GetOwnerRequest request, StreamObserver<GetOwnerResponse> observer) {
        support.read(observer, request.getRead(), view -> {
            InstanceRow row = require(view, request.getScope());
            GetOwnerResponse.Builder response = GetOwnerResponse.newBuilder().setHeader(view.header());
            Projection.owner(row).ifPresent(response::setOwner);
            ObjectRow unit = Units.of(view.state(), row);
            if (unit != null) {
                response.addAllReasons(support.projections().of(view.state()).reasonsOf(unit));
            }
            return response.build();
        });
    }

    /** A scope is an instance's key, or its bare name. */
    private static InstanceRow require(Reads.View view, String scope) {
        String id = scope.startsWith(Keys.INSTANCES) ? Keys.bare(scope) : scope;
        InstanceRow row = view.state().instance(id);
        if (row == null) {
            throw ApiException.notFound(Keys.instance(id));
        }
        return row;
    }

    @Override
    public void listOwners(ListOwnersRequest request, StreamObserver<ListOwnersResponse> observer) {
        support.read(observer, request.getRead(), view -> {
            LabelSelector selector = LabelSelector.parse(request.getLabelSelector());
            TreeMap<String, Owner> owners = new TreeMap<>();
            for (InstanceRow row : view.state().instances().values()) {
                Projection.owner(row)
                        .filter(owner ->
                                request.getNode().isEmpty() || owner.getNode().equals(request.getNode()))
                        .filter(owner -> owner.getScope().startsWith(request.getScopePrefix()))
                        .filter(owner -> selector.matches(Labels.of(view.state(), owner.getScope())))
                        .ifPresent(owner -> owners.put(owner.getScope(), owner));
            }
            Pages.Page<Owner> page = Pages.page(owners, request.getPageSize(), request.getPageToken());
            return ListOwnersResponse.newBuilder()
                    .setHeader(view.header())
                    .addAllOwners(page.rows())
                    .setNextPageToken(page.nextToken())
                    .build();
        });
    }

    @Override
    public void validateToken(ValidateTokenRequest request, StreamObserver<ValidateTokenResponse> observer) {
        support.read(observer, ReadOptions.getDefaultInstance(), view -> {
            InstanceRow row = require(view, request.getScope());
            return validate(view.state(), row, request.getTokenNumber())
                    .setHeader(view.header())
                    .build();
        });
    }

    /**
     * Current: the newest grant, and still owned under it. While it moves without being stopped, each of its two holders has
     * such a token (TwoHolders). A number that was never given out is not superseded.
     */
    static ValidateTokenResponse.Builder validate(ClusterState state, InstanceRow row, long number) {
        ValidateTokenResponse.Builder response = ValidateTokenResponse.newBuilder();
        if (!row.hasHighestToken()) {
            return response.setVerdict(Verdict.VERDICT_NEVER_GRANTED);
        }
        InstanceRow arrival = Migrations.arrivalOf(state, row);
        FencingToken departed = row.getOwnership().getDeparture().getToken();
        FencingToken highest =
                Tokens.ORDER.compare(departed, row.getHighestToken()) > 0 ? departed : row.getHighestToken();
        if (arrival != null) {
            highest = arrival.getHighestToken();
        }
        response.setCurrent(highest);
        if (number <= 0 || Tokens.ORDER.compare(Tokens.ofNumber(number), highest) > 0) {
            return response.setVerdict(Verdict.VERDICT_NEVER_GRANTED);
        }
        boolean owned = isOwnedUnder(row, number) || (arrival != null && isOwnedUnder(arrival, number));
        return response.setVerdict(owned ? Verdict.VERDICT_CURRENT : Verdict.VERDICT_SUPERSEDED);
    }

    private static boolean isOwnedUnder(InstanceRow row, long number) {
        return row.hasOwnership() && row.getOwnership().getToken().getNumber() == number;
    }
}
