package io.aestus.executor;

import io.aestus.linux.Fd;

/**
 * A socket that was opened for an app before it was started.
 *
 * @param name of the app's port
 * @param socket lent
 */
record HandedSocket(String name, Fd socket) {}
