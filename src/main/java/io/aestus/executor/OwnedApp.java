package io.aestus.executor;

import io.aestus.linux.Fd;
import io.aestus.linux.PidFd;
import io.aestus.linux.SyscallException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An app of a pod that this process owns. All fields are guarded by the {@link OwnedPod}. */
final class OwnedApp {
    AppRecord record;

    /** Whether some thread is starting, ending or removing it; see {@link OwnedPod#claim}. */
    boolean isClaimed;

    /** Until when its event handlers may take, in the time of {@link System#nanoTime}; of use only while it is claimed. */
    long handlersUntil = Long.MIN_VALUE;

    /** Whether it is claimed to be started. */
    boolean isStarting;

    /** What it has while it runs. */
    @Nullable
    Run run;

    OwnedApp(AppRecord record) {
        this.record = record;
    }

    /** One start of an app, up to the end of its process. */
    static final class Run {
        private final PidFd process;
        /** Its mounts: as long as they are held here the kernel tells its end before it takes them apart, not after. */
        private final Optional<Fd> mounts;

        final AppOutput output;

        final Exits.Watch watch;

        /** Whether it was asked to end. */
        boolean isStopping;

        /** When it is killed, in the time of {@link System#nanoTime}; of use only while it is stopping. */
        long killAt = Long.MAX_VALUE;

        /** What listens to what it tells, if it does. */
        private @Nullable Notices notices;

        /** What asks it whether it is ready, if something shall. */
        private @Nullable Probing probing;

        private boolean isClosed;

        Run(PidFd process, AppOutput output, Exits.Watch watch) {
            this.process = process;
            this.mounts = process.mountNamespace();
            this.output = output;
            this.watch = watch;
        }

        /** Takes what listens to it. */
        synchronized void setNotices(Notices newNotices) {
            notices = newNotices;
            if (isClosed) {
                newNotices.close();
            }
        }

        /** Takes what asks it whether it is ready, in the place of what did before. */
        void setProbing(Optional<Probing> newProbing) {
            Probing before;
            synchronized (this) {
                before = probing;
                probing = isClosed ? null : newProbing.orElse(null);
                if (probing != null) {
                    probing.open();
                }
            }
            if (before != null) {
                before.close(); // not under the monitor, which it may want
            }
        }

        /** Signals the app's own process, unless it has ended: it may, and be let go of, at any moment. */
        synchronized void signal(int number) throws SyscallException {
            if (!isClosed) {
                process.signal(number);
            }
        }

        /** Its process once more, which the caller closes; empty if it has ended. */
        synchronized Optional<PidFd> duplicate() throws SyscallException {
            return isClosed || !process.signal(0) ? Optional.empty() : Optional.of(process.duplicate());
        }

        /** Closes what is open of it, but for its output. */
        void close() {
            closeProcess();
            setProbing(Optional.empty());
        }

        private synchronized void closeProcess() {
            isClosed = true;
            if (notices != null) {
                notices.close();
            }
            watch.close();
            process.close();
            mounts.ifPresent(Fd::close);
        }
    }
}
