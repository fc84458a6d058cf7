package io.aestus.executor;

import io.aestus.appc.EventHandler;
import java.io.IOException;

/** What is done with an app of an owned pod after its last process. */
record AppRelease(Engine engine) {
    /**
     * After an app's last process: its last handler, whose output the first process keeps so that it goes on if this process
     * dies; then what the app had on the host.
     */
    void of(OwnedPod pod, AppRecord app) throws IOException {
        try {
            end(pod, app);
        } finally {
            AppRecord now = pod.requireApp(app.name());
            if (now.awaitsHandler()) {
                pod.write(now.withHandler(false));
            }
        }
    }

    private void end(OwnedPod pod, AppRecord app) throws IOException {
        var place = pod.place(app);
        if (app.state() instanceof AppState.Running && app.process().isPresent()) {
            engine.exits().forget(app.process().get().pid());
        }
        var anchor = pod.anchor();
        if (anchor.isEmpty() || !allowHandlers(pod, app)) {
            pod.stage1().releaseApp(place, HandlerOutput.NOWHERE);
            return;
        }
        Keeper keeper = anchor.get().keeper();
        var start = new Keeper.Start(app.name(), app.starts());
        AppOutput output = AppOutput.of(engine, pod, app);
        try {
            pod.stage1()
                    .releaseApp(
                            place, output.handlers(app.name(), ends -> keeper.park(start, Keeper.Kind.OUTPUT, ends)));
        } finally {
            output.drop().join();
            keeper.release(app.name());
        }
    }

    /** Whether something runs after the end of an app: who follows its log waits for that. */
    static boolean hasLastHandler(OwnedPod pod, AppRecord app) throws IOException {
        return pod.stage1().define(pod.place(app)).app().eventHandlers().stream()
                .anyMatch(handler -> handler.event() == EventHandler.Event.POST_STOP);
    }

    /** Who waits for the app waits for its handlers too. @return whether it has some */
    static boolean allowHandlers(OwnedPod pod, AppRecord app) throws IOException {
        var definition = pod.stage1().define(pod.place(app));
        int handlers = definition.app().eventHandlers().size();
        if (handlers > 0) {
            pod.allowHandlers(app.name(), definition.handlerLimit().multipliedBy(handlers));
        }
        return handlers > 0;
    }
}
