/**
 * The kernel. Everything that only Linux has goes through here, by {@code java.lang.foreign}: system calls, files by
 * descriptor, process launch, mounts, namespaces, control groups, seccomp, capabilities, pidfds, epoll.
 *
 * <p>Start at {@link io.aestus.linux.Directory} for files and at {@link io.aestus.linux.ProcessLauncher} for processes.
 * Further doors: {@link io.aestus.linux.Mounts} and {@link io.aestus.linux.NewFileSystem}, {@link io.aestus.linux.Cgroups},
 * {@link io.aestus.linux.DefaultSeccompPolicy}, {@link io.aestus.linux.KeeperSocket} for what must outlive us, {@link
 * io.aestus.linux.Namespaces}, {@link io.aestus.linux.HostKernel} for what this host can do, {@link
 * io.aestus.linux.UserSpace} and {@link io.aestus.linux.OwnUsers} for life without root.
 * {@code Libc} is the one class that touches the linker; {@link io.aestus.linux.Fd} the one that owns descriptors. The
 * room uses no other room, and no raw descriptor number leaves it.
 *
 * <p>Invariants: every descriptor is close-on-exec from birth; a path that came from outside is resolved by
 * {@code openat2} below a directory and never follows a link out of it; an error names what was attempted and the errno.
 *
 * <p>Threads: calls that may block (mount, fsync, flock, waitid) belong on platform threads, since a virtual thread pins
 * its carrier in native code. A thread that enters a foreign namespace is made for that, starts nothing, and is thrown
 * away.
 */
@NullMarked
package io.aestus.linux;

import org.jspecify.annotations.NullMarked;
