package io.aestus.executor;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/** A stack of undo steps. What was begun is undone in reverse when this is closed, unless it was handed over before. */
final class Cleanup implements AutoCloseable {
    /** Takes back one thing. */
    @FunctionalInterface
    interface Step {
        void undo() throws IOException;
    }

    private final Deque<Step> steps = new ArrayDeque<>();

    void add(Step step) {
        steps.push(step);
    }

    /** Closes {@code resource} if it comes to that. */
    <T extends AutoCloseable> T owns(T resource) {
        add(() -> close(resource));
        return resource;
    }

    private static void close(AutoCloseable resource) throws IOException {
        try {
            resource.close();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    /** All is well: nothing will be undone. */
    void handOver() {
        steps.clear();
    }

    /** The same to somebody else, who undoes all when it comes to that. */
    Cleanup handedOver() {
        var other = new Cleanup();
        other.steps.addAll(steps);
        steps.clear();
        return other;
    }

    /** Undoes all; a step that fails does not keep the others from it. */
    @Override
    public void close() throws IOException {
        IOException first = null;
        while (!steps.isEmpty()) {
            try {
                steps.pop().undo();
            } catch (IOException e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
