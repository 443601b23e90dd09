package io.quorate.server.agent;

import io.quorate.server.agent.exec.CopyFiles;
import io.quorate.server.agent.exec.MemberOperations;
import io.quorate.server.agent.exec.OperationFiles;
import io.quorate.server.agent.exec.ProcessExecutor;
import io.quorate.server.agent.fence.FenceRunner;

/** The hands of the agent, made once and given to its desks. */
public record AgentParts(
        MemberOperations operations,
        ProcessExecutor processes,
        OperationFiles files,
        FenceRunner fence,
        CopyFiles copies,
        String cellsDescription) {}
