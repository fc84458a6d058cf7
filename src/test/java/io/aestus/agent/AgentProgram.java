package io.aestus.agent;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** A node as a process of its own, which tests can kill. Arguments are settings: {@code NAME=VALUE}. */
final class AgentProgram {
    private AgentProgram() {}

    public static void main(String[] args) throws InterruptedException {
        Map<String, String> set = new HashMap<>();
        for (String arg : args) {
            int equals = arg.indexOf('=');
            set.put(arg.substring(0, equals), arg.substring(equals + 1));
        }
        // Never closed: it ends by a signal, as a real one may.
        Node.open(NodeSettings.read(set::get), "1.0.0").start();
        new CountDownLatch(1).await();
    }
}
