package io.aestus.executor;

import io.aestus.executor.Stage1.AppPlace;
import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonWriter;
import io.aestus.linux.CapabilitySet;
import io.aestus.linux.ChildPauses;
import io.aestus.linux.ChildProgram;
import io.aestus.linux.Fd;
import io.aestus.linux.PidFd;
import io.aestus.linux.Rlimit;
import io.aestus.linux.SeccompFilter;
import io.aestus.linux.SeccompListener;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Confines a child as a {@link Confinement} says: the same steps for an app, its handlers, and what is executed in it. */
final class ConfinedChild {
    private static final int UMASK = 022;
    private static final int FIRST_SOCKET = 3;
    private static final Duration HANDING_OVER = Duration.ofSeconds(10);
    private static final String OWN_NUMBER = "LISTEN_PID";

    private final ChildProgram child;
    private final Confinement confinement;
    private final AppPlace place;
    private ChildProgram.@Nullable OpenedFile oomScore;
    private ChildProgram.@Nullable OpenedFile label;
    /** Whether it has given up before it stood still what no step needs that is still to come. */
    private boolean isBounded;

    /** @param place of the app that it belongs to */
    ConfinedChild(ChildProgram child, Confinement confinement, AppPlace place) {
        this.child = child;
        this.confinement = confinement;
        this.place = place;
    }

    /** The same child confined otherwise, as far as that is not done yet. */
    ConfinedChild as(Confinement other, AppPlace itsPlace) {
        var same = new ConfinedChild(child, other, itsPlace);
        same.oomScore = oomScore;
        same.label = label;
        same.isBounded = isBounded;
        return same;
    }

    /** Whether what is done before a child stands still is the same for another confinement. */
    boolean beginsLike(Confinement other) {
        return confinement.limits().equals(other.limits())
                && confinement.oomScoreAdjustment().equals(other.oomScoreAdjustment())
                && confinement.label().equals(other.label())
                && confinement.capabilities().equals(other.capabilities())
                && confinement.seccomp().equals(other.seccomp())
                && confinement.noNewPrivileges() == other.noNewPrivileges();
    }

    /** Has the child stand still, until somebody tells as whom it runs. */
    void standStill() throws IOException {
        child.rights().dropFromBounding(unreachable());
        if (isUsuallyFiltered()) {
            confinement.seccomp().filter(confinement.capabilities()).ifPresent(child.rights()::filterSyscalls);
        }
        isBounded = true;
        child.standStill(Stream.of(oomScore, label).filter(Objects::nonNull).toList());
    }

    private CapabilitySet unreachable() {
        return CapabilitySet.ALL.without(confinement.capabilities());
    }

    /** Whether its filter is the one that no later step minds, and that it has before it is another user. */
    private boolean isUsuallyFiltered() {
        return confinement.seccomp() instanceof SeccompChoice.Standard && !confinement.noNewPrivileges();
    }

    /** What only the host's root can do: to be added before the child enters the pod's user namespace. */
    void beforeNamespaces() throws SyscallException {
        if (!oomScoreAdjustment().isEmpty()) {
            oomScore = child.openOwn("oom_score_adj");
        }
        if (confinement.label().isPresent()) {
            label = child.openOwn(confinement.label().get().file());
        }
        for (Rlimit limit : confinement.limits()) {
            child.rights().raiseLimit(limit);
        }
    }

    private Optional<Integer> oomScoreAdjustment() {
        return confinement
                .oomScoreAdjustment()
                .map(HostProcess::reachableOomScore)
                .or(HostProcess::oomScoreToRestore);
    }

    /**
     * All the rest, in the order in which each step still has the power that it needs. A child apart is born, unless it
     * was, when it has no power left that the app has not.
     */
    void confine(StandardStreams streams) throws IOException {
        var rights = child.rights();
        boolean isUnborn = child.isUnborn();
        streams.assign(child);
        if (!isUnborn) {
            streams.startSession(child);
        }
        confinement.limits().forEach(rights::setLimit);
        rights.setUmask(UMASK);
        if (oomScore != null) {
            child.write(oomScore, oomScoreAdjustment().orElseThrow().toString(), "set oom_score_adj");
        }
        if (label != null) {
            String text = confinement.label().orElseThrow().text();
            child.write(label, text, "take on security label " + text);
        }
        child.unblockSignals();
        var sockets = streams.sockets();
        child.assign(sockets.stream().map(HandedSocket::socket).toList(), FIRST_SOCKET);
        var filter = confinement.seccomp().filter(confinement.capabilities());
        int first = FIRST_SOCKET + sockets.size();
        Optional<ChildPauses.Later> asking = filter.filter(SeccompFilter::asks).isPresent()
                ? Optional.of(child.pauses().later(this::handOver, HANDING_OVER, first))
                : Optional.empty();
        child.closeFrom(asking.isPresent() ? first + 1 : first);
        if (!sockets.isEmpty() && !isUnborn) {
            child.learnOwnNumber(OWN_NUMBER);
        }
        if (!isBounded) {
            rights.dropFromBounding(unreachable());
        }
        boolean isLast = asking.isPresent()
                || confinement.noNewPrivileges()
                || confinement.seccomp().hindersLaunch(isUnborn, confinement.capabilities())
                || (isUnborn && !sockets.isEmpty() && hasFilterOfItsOwn()); // which may forbid to learn the number
        if (!isLast && !(isBounded && isUsuallyFiltered())) { // needs CAP_SYS_ADMIN, which goes with the user
            filter.ifPresent(rights::filterSyscalls);
        }
        rights.setGroups(confinement.groups());
        if (!confinement.permitted().isEmpty()) {
            rights.keepCapabilities();
        }
        rights.setIds(confinement.user(), confinement.group());
        rights.setCapabilities(confinement.permitted(), confinement.ambient());
        child.changeDirectory(confinement.workingDirectory());
        if (isUnborn) {
            child.beBorn();
            streams.startSession(child);
            if (!sockets.isEmpty()) {
                child.learnOwnNumber(OWN_NUMBER);
            }
        }
        if (isLast) {
            rights.setNoNewPrivileges();
            filter.ifPresent(rights::filterSyscalls);
            asking.ifPresent(ChildPauses.Later::add);
        }
    }

    /** Who answers what the filter asks about gets the descriptor for that, before there is anything to answer. */
    private void handOver(long pid) throws IOException {
        SeccompProfile.Listener to = confinement.seccomp().listener().orElseThrow();
        String status = place.confinement().isEmpty() ? "creating" : "running";
        byte[] message = JsonWriter.compact(JsonObject.builder()
                .put("ociVersion", OciConfig.VERSION)
                .put("fds", Json.strings(List.of("seccompFd")))
                .put("pid", pid)
                .put("metadata", to.metadata())
                .put("state", OciState.of(place, status, OptionalLong.of(pid)))
                .build());
        try (PidFd process =
                        PidFd.open(pid).orElseThrow(() -> new IOException("app " + place.name() + " ended meanwhile"));
                Fd listener = SeccompListener.take(process, pid)) {
            SeccompListener.handOver(to.path(), message, listener);
        } catch (IOException e) {
            throw new IOException(
                    "cannot start app " + place.name() + ": nobody answers what its seccomp profile asks about: "
                            + e.getMessage(),
                    e);
        }
    }

    private boolean hasFilterOfItsOwn() {
        return switch (confinement.seccomp()) {
            case SeccompChoice.Unfiltered _, SeccompChoice.Standard _ -> false;
            case SeccompChoice.Retain _, SeccompChoice.Remove _, SeccompChoice.Profile _ -> true;
        };
    }
}
