package io.quorate.server.api;

import io.grpc.stub.StreamObserver;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.ObjectRow;
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
            InstanceRow arrival = Migrations.arrivalOf(view.state(), row);
            // TwoHolders: while it moves without being stopped, each of its two holders has a token that counts.
            boolean isArrivals =
                    arrival != null && arrival.getOwnership().getToken().getNumber() == request.getTokenNumber();
            FencingToken highest = (arrival == null ? row : arrival).getHighestToken();
            ValidateTokenResponse.Builder response = ValidateTokenResponse.newBuilder()
                    .setHeader(view.header())
                    .setVerdict(isArrivals ? Verdict.VERDICT_CURRENT : verdict(row, highest, request.getTokenNumber()));
            return (row.hasHighestToken() ? response.setCurrent(highest) : response).build();
        });
    }

    /** Current: the newest grant, and still owned under it. A number that was never given out is not superseded. */
    private static Verdict verdict(InstanceRow row, FencingToken highest, long number) {
        if (number <= 0 || !row.hasHighestToken()) {
            return Verdict.VERDICT_NEVER_GRANTED;
        }
        int order = Tokens.ORDER.compare(Tokens.ofNumber(number), highest);
        if (order > 0) {
            return Verdict.VERDICT_NEVER_GRANTED;
        }
        boolean owned = row.hasOwnership() && row.getOwnership().getToken().getNumber() == number;
        return owned ? Verdict.VERDICT_CURRENT : Verdict.VERDICT_SUPERSEDED;
    }
}
