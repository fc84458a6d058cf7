package io.aestus.executor;

import org.junit.jupiter.api.Tag;

/** With the built-in isolation, the host's users and network. */
@Tag("host")
class HostUsersActivationTest extends ActivationContract {
    HostUsersActivationTest() {
        super(
                Isolation.NATIVE,
                PodOptions.DEFAULT
                        .withNetwork(PodOptions.NetworkMode.HOST)
                        .withUserNamespace(PodOptions.UserNamespace.HOST));
    }
}
