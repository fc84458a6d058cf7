/**
 * The command line. Start at {@link io.aestus.cli.Aestus}: it finds the command's name among the arguments, builds that
 * one {@link io.aestus.cli.Command} and runs it in a {@link io.aestus.cli.Session}, which opens store, executor and
 * fetcher only when asked for. Plain Java: no container framework, no annotations, so that {@code aestus version}
 * costs little more than the JVM itself.
 *
 * <p>May use every room but operator, cri, api and agent. What a script may want goes to standard output alone.
 */
@NullMarked
package io.aestus.cli;

import org.jspecify.annotations.NullMarked;
