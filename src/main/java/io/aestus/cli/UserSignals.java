package io.aestus.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.Executors;

/**
 * What the user's signals do while a pod runs in the foreground. The JDK's only way to hear of them is {@code
 * sun.misc.Signal}, which has no successor and warns whoever compiles against it: so it is reached by reflection.
 */
final class UserSignals {
    private UserSignals() {}

    /** Runs {@code action} at each interrupt, termination or hangup, one at a time, on a thread of its own. */
    static void onEnd(Runnable action) {
        var thread = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name("signals").factory());
        for (String name : new String[] {"INT", "TERM", "HUP"}) {
            handle(name, () -> thread.execute(action));
        }
    }

    /** Runs {@code action} whenever the terminal's size changes. */
    static void onResize(Runnable action) {
        handle("WINCH", action);
    }

    private static void handle(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, (_, _, _) -> {
                action.run();
                return null;
            });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
        } catch (ClassNotFoundException
                | NoSuchMethodException
                | InstantiationException
                | IllegalAccessException
                | InvocationTargetException e) {
            throw new IllegalStateException("this JDK cannot handle signal " + name, e);
        }
    }
}
