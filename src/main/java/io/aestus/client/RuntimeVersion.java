package io.aestus.client;

/**
 * Who answers on a socket.
 *
 * @param name of the runtime: {@code aestus}
 * @param version of the runtime
 * @param api version of the interface: {@code v1}
 */
public record RuntimeVersion(String name, String version, String api) {}
