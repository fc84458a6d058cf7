package io.aestus.cri;

import java.util.Optional;

/**
 * A network by name alone.
 *
 * @param obstacle why it does not work
 */
record FakeNetwork(String name, Optional<String> obstacle) implements SandboxNetwork {
    static final FakeNetwork READY = new FakeNetwork("pods", Optional.empty());
    static final FakeNetwork MISSING = new FakeNetwork("pods", Optional.of("cannot find network 'pods'"));
}
