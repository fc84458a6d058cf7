package io.aestus.client;

/**
 * What a command did.
 *
 * @param code 128 + n for signal n
 * @param stdout of the command, as UTF-8; the first 8 MiB
 * @param stderr of the command, likewise
 */
public record ExecResult(int code, String stdout, String stderr) {}
