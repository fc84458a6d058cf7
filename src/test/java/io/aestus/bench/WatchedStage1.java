package io.aestus.bench;

import io.aestus.executor.Stage1;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Notes when the last call of each kind began and ended, and does nothing else beside the stage1 that it is made for. */
final class WatchedStage1 {
    /** @param begin as of {@link System#nanoTime}, like {@code end} */
    private record Span(long begin, long end) {}

    private final Map<String, Span> last = new ConcurrentHashMap<>();

    Stage1 around(Stage1 stage1) {
        return (Stage1) Proxy.newProxyInstance(
                Stage1.class.getClassLoader(), new Class<?>[] {Stage1.class}, (_, method, arguments) -> {
                    long begin = System.nanoTime();
                    try {
                        return method.invoke(stage1, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    } finally {
                        last.put(method.getName(), new Span(begin, System.nanoTime()));
                    }
                });
    }

    /**
     * How long the parts of the last start took, in nanoseconds: before its pod, the pod, between the two, its app, after it.
     *
     * @param begin of the start, as of {@link System#nanoTime}, like {@code end}
     */
    long[] parts(long begin, long end) {
        Span pod = last("startPod");
        Span app = last("startApp");
        return new long[] {
            pod.begin() - begin,
            pod.end() - pod.begin(),
            app.begin() - pod.end(),
            app.end() - app.begin(),
            end - app.end()
        };
    }

    private Span last(String method) {
        Span span = last.get(method);
        if (span == null) {
            throw new IllegalStateException(method + " was never called");
        }
        return span;
    }
}
