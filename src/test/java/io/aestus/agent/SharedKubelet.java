package io.aestus.agent;

import io.aestus.operator.Tool;
import io.aestus.testing.NetworkPlugins;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The {@link KubeletNode} of all tests of a class, which are skipped where something is missing that it needs. */
final class SharedKubelet implements BeforeAllCallback, AfterAllCallback {
    private static final List<String> TOOLS = List.of("kubelet", "crictl", "curl", "nsenter", "ip");

    /** How it is started. */
    interface Start {
        KubeletNode node() throws IOException, InterruptedException;
    }

    private final Start start;
    private final List<String> furtherTools;
    private @Nullable KubeletNode node;

    SharedKubelet(Start start, String... furtherTools) {
        this.start = start;
        this.furtherTools = List.of(furtherTools);
    }

    KubeletNode node() {
        return Objects.requireNonNull(node);
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException, InterruptedException {
        NetworkPlugins.require();
        Stream.concat(TOOLS.stream(), furtherTools.stream()).forEach(Tool::named);
        node = start.node();
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException, InterruptedException {
        if (node != null) {
            node.close();
        }
    }
}
