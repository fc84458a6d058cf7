/**
 * The node agent: a Quarkus application that wires the rooms together. Start at {@link io.aestus.agent.Node}, which opens
 * store, executor, fetcher, CRI and operator in that order and closes them in reverse, leaving every app running.
 *
 * <p>May use every room but cli. Quarkus and CDI stop here: all else is built by constructors.
 */
@NullMarked
package io.aestus.agent;

import org.jspecify.annotations.NullMarked;
