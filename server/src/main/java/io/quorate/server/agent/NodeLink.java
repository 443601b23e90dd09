package io.quorate.server.agent;

import io.quorate.agent.v1.CheckTicketRequest;
import io.quorate.agent.v1.CheckTicketResponse;
import io.quorate.agent.v1.RegisterAgentRequest;
import io.quorate.agent.v1.RegisterAgentResponse;
import io.quorate.agent.v1.RenewLeaseRequest;
import io.quorate.agent.v1.RenewLeaseResponse;
import io.quorate.agent.v1.ReportResultsRequest;
import io.quorate.agent.v1.ReportResultsResponse;
import io.quorate.agent.v1.StreamWorkRequest;
import io.quorate.agent.v1.StreamWorkResponse;
import java.util.concurrent.CompletableFuture;

/**
 * The way to whichever server leads. Every call is answered or failed within a bounded time; after a failure the next call
 * goes to another server, or to the one that the failure named. Futures complete on threads of the link. Thread-safe.
 */
public interface NodeLink extends AutoCloseable {
    CompletableFuture<RegisterAgentResponse> register(RegisterAgentRequest request);

    CompletableFuture<RenewLeaseResponse> renew(RenewLeaseRequest request);

    CompletableFuture<ReportResultsResponse> report(ReportResultsRequest request);

    CompletableFuture<CheckTicketResponse> checkTicket(CheckTicketRequest request);

    /** Opens the stream of work; the listener hears of its end exactly once unless it was closed first. */
    WorkStream streamWork(StreamWorkRequest request, WorkListener listener);

    @Override
    void close();

    /** An open stream. */
    interface WorkStream {
        void close();
    }

    /** Hears the stream on threads of the link. */
    interface WorkListener {
        void onWork(StreamWorkResponse work);

        void onEnd(Throwable reason);
    }
}
