package io.aestus.operator;

import io.aestus.operator.WorkQueue.Next;

/** A reconciler on a node and a source of pods that are both made up, and a pod as each test wants it. */
abstract class Reconciled {
    static final String WEB = "{apps: [{name: web, image: {name: example.com/web}}]}";
    static final String NEWER = "{apps: [{name: web, image: {name: example.com/web}, exec: [/bin/newer]}]}";
    static final String SIGNER = "9F3A0B12C4D5E6F7A8B90123456789ABCDEF0123";

    final FakeNode node = new FakeNode();
    final FakeSource source = new FakeSource();

    Next look(PodKey key) {
        try {
            return new Reconciler(source, node, node).on(key); // a new one each time: it may remember nothing
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    PodKey running(String spec) {
        node.publish("example.com/web", SIGNER);
        node.publish("example.com/log", SIGNER);
        PodKey key = source.apply("shop", spec);
        look(key);
        node.log();
        source.notices();
        return key;
    }
}
