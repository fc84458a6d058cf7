package io.aestus.cri;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.cri.streaming.StreamSet;
import io.aestus.cri.streaming.StreamingServer;
import io.aestus.cri.v1.AttachRequest;
import io.aestus.cri.v1.ExecRequest;
import io.aestus.cri.v1.PortForwardRequest;
import io.aestus.executor.AppOptions;
import io.aestus.executor.AppState;
import io.aestus.executor.ExecSpec;
import io.aestus.executor.PodState;
import io.aestus.executor.PodStatus;
import java.net.URI;
import java.time.Duration;

/** Answers with URLs of streams: what was asked for happens when somebody opens one. */
final class StreamCalls {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final int HIGHEST_PORT = 65535;

    private final Pods pods;
    private final SandboxCalls sandboxes;
    private final ContainerCalls containers;
    private final StreamingServer streams;

    StreamCalls(Pods pods, SandboxCalls sandboxes, ContainerCalls containers, StreamingServer streams) {
        this.pods = pods;
        this.sandboxes = sandboxes;
        this.containers = containers;
        this.streams = streams;
    }

    URI exec(ExecRequest request) {
        var wanted = new StreamSet(request.getStdin(), request.getStdout(), request.getStderr(), request.getTty());
        if (request.getCmdCount() == 0) {
            throw new AestusException(Problem.INVALID, "cannot run a process in a container: there is no command");
        }
        var container = requireRunning(request.getContainerId());
        ExecSpec spec = ExecSpec.of(request.getCmdList())
                .withTerminal(wanted.tty() ? AppOptions.Terminal.TTY : AppOptions.Terminal.NONE)
                .withStdin(wanted.stdin() ? AppOptions.Stdin.ONCE : AppOptions.Stdin.CLOSED);
        return streams.exec(wanted, () -> pods.exec(container.uuid(), container.name(), spec));
    }

    URI attach(AttachRequest request) {
        var wanted = new StreamSet(request.getStdin(), request.getStdout(), request.getStderr(), request.getTty());
        var container = requireRunning(request.getContainerId());
        AppOptions options = container.app().options();
        if (wanted.tty() != (options.terminal() == AppOptions.Terminal.TTY)) {
            throw new AestusException(
                    Problem.INVALID,
                    "cannot attach to container " + Quoted.of(request.getContainerId()) + ": it "
                            + (wanted.tty() ? "has no terminal" : "has a terminal"));
        }
        return streams.attach(wanted, () -> pods.attach(container.uuid(), container.name()));
    }

    private ContainerCalls.Found requireRunning(String id) {
        var container = containers.require(id);
        if (!(container.app().state() instanceof AppState.Running)) {
            throw new AestusException(
                    Problem.CONFLICT, "cannot stream from container " + Quoted.of(id) + ": it does not run");
        }
        return container;
    }

    URI portForward(PortForwardRequest request) {
        for (int port : request.getPortList()) {
            if (port <= 0 || port > HIGHEST_PORT) {
                throw new AestusException(Problem.INVALID, "cannot forward port " + port + ": it is none");
            }
        }
        PodStatus pod = sandboxes.require(request.getPodSandboxId());
        if (!(pod.state() instanceof PodState.Running)) {
            throw new AestusException(
                    Problem.CONFLICT,
                    "cannot forward ports of sandbox " + Quoted.of(request.getPodSandboxId()) + ": it does not run");
        }
        return streams.portForward(request.getPortList(), port -> pods.connect(pod.uuid(), port, CONNECT));
    }
}
