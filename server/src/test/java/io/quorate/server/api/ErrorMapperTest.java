package io.quorate.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.quorate.log.v1.CommandResult;
import io.quorate.server.raft.IndeterminateException;
import io.quorate.server.raft.UnavailableException;
import io.quorate.statemachine.apply.RejectCode;
import io.quorate.statemachine.model.Positions;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What each class of errors becomes on the wire. */
class ErrorMapperTest {
    private static com.google.rpc.Status details(StatusRuntimeException failure) {
        return StatusProto.fromThrowable(failure);
    }

    private static ErrorInfo info(StatusRuntimeException failure) throws Exception {
        return details(failure).getDetails(0).unpack(ErrorInfo.class);
    }

    @ParameterizedTest
    @EnumSource(RejectCode.class)
    void everyRefusalCarriesItsCodeAndItsCategorysStatus(RejectCode code) throws Exception {
        StatusRuntimeException mapped = ErrorMapper.toStatus(
                new RejectedException(CommandResult.newBuilder()
                        .setCode(code.number())
                        .setMessage("no")
                        .setObject("nodes/n2")
                        .setNextStep("quorate explain n2")
                        .setPosition(Positions.of(1, 9))
                        .build()),
                "id",
                "");
        assertThat(mapped.getStatus().getCode()).isEqualTo(ErrorMapper.codeOf(code.category()));
        assertThat(info(mapped).getReason()).isEqualTo(code.name());
        assertThat(info(mapped).getDomain()).isEqualTo("quorate");
        assertThat(info(mapped).getMetadataMap())
                .containsEntry("object", "nodes/n2")
                .containsEntry("next_step", "quorate explain n2")
                .containsEntry("position", "1:9");
        boolean isSafety = code.category() == RejectCode.Category.SAFETY;
        assertThat(details(mapped).getDetailsList().stream().anyMatch(any -> any.is(PreconditionFailure.class)))
                .isEqualTo(isSafety);
    }

    @Test
    void categoriesHaveTheStatusesOfTheContract() {
        assertThat(ErrorMapper.codeOf(RejectCode.Category.INVALID)).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(ErrorMapper.codeOf(RejectCode.Category.NOT_FOUND)).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(ErrorMapper.codeOf(RejectCode.Category.CONFLICT)).isEqualTo(Status.Code.ABORTED);
        assertThat(ErrorMapper.codeOf(RejectCode.Category.SAFETY)).isEqualTo(Status.Code.FAILED_PRECONDITION);
        assertThat(ErrorMapper.codeOf(RejectCode.Category.QUOTA)).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(ErrorMapper.codeOf(RejectCode.Category.DENIED)).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(ErrorMapper.codeOf(RejectCode.Category.EXPIRED)).isEqualTo(Status.Code.FAILED_PRECONDITION);
    }

    @Test
    void unavailableNamesTheLeaderAndIndeterminateTheRequest() throws Exception {
        StatusRuntimeException unavailable = ErrorMapper.toStatus(
                new CompletionException(new UnavailableException("not the leader")), "id", "10.0.0.1:7400");
        assertThat(unavailable.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(unavailable.getTrailers().get(ErrorMapper.LEADER)).isEqualTo("10.0.0.1:7400");
        StatusRuntimeException unknown =
                ErrorMapper.toStatus(new IndeterminateException("connection lost"), "id", "10.0.0.1:7400");
        assertThat(unknown.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        assertThat(info(unknown).getReason()).isEqualTo("OUTCOME_UNKNOWN");
        assertThat(info(unknown).getMetadataMap()).containsEntry("request_id", "id");
    }

    @Test
    void aTimeoutIsUnknownForAMutationAndNotDoneForARead() throws Exception {
        assertThat(info(ErrorMapper.toStatus(new TimeoutException(), "id", "")).getReason())
                .isEqualTo("OUTCOME_UNKNOWN");
        assertThat(info(ErrorMapper.toStatus(new TimeoutException(), "", "")).getReason())
                .isEqualTo("NO_QUORUM");
    }

    @Test
    void aDefectTellsNothingOfItsInside() throws Exception {
        StatusRuntimeException internal =
                ErrorMapper.toStatus(new IllegalStateException("secret of the inside"), "id", "");
        assertThat(internal.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL);
        assertThat(internal.getMessage()).doesNotContain("secret");
        assertThat(info(internal).getReason()).isEqualTo("INTERNAL");
    }
}
