package io.aestus.appc;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.json.JsonObject;
import java.util.List;
import java.util.Map;

/** Puts an {@link App} together: root in {@code /} with nothing else said, unless told otherwise. Not thread-safe. */
public final class AppBuilder {
    private List<String> exec = List.of();
    private String user = "0";
    private String group = "0";
    private List<Long> supplementaryGids = List.of();
    private List<EventHandler> eventHandlers = List.of();
    private AbsolutePath workingDirectory = AbsolutePath.ROOT;
    private Environment environment = Environment.NONE;
    private Isolators isolators = Isolators.NONE;
    private List<MountPoint> mountPoints = List.of();
    private List<Port> ports = List.of();
    private Map<String, String> userAnnotations = Map.of();
    private Map<String, String> userLabels = Map.of();
    private JsonObject unknown = JsonObject.EMPTY;

    AppBuilder() {}

    AppBuilder(App app) {
        exec = app.exec();
        user = app.user();
        group = app.group();
        supplementaryGids = app.supplementaryGids();
        eventHandlers = app.eventHandlers();
        workingDirectory = app.workingDirectory();
        environment = app.environment();
        isolators = app.isolators();
        mountPoints = app.mountPoints();
        ports = app.ports();
        userAnnotations = app.userAnnotations();
        userLabels = app.userLabels();
        unknown = app.unknown();
    }

    public AppBuilder exec(List<String> value) {
        exec = value;
        return this;
    }

    /**
     * Sets the user.
     *
     * @throws AestusException {@link Problem#INVALID} unless it is a name, a number or an absolute path
     */
    public AppBuilder user(String value) {
        user = App.parseOwner(value);
        return this;
    }

    /** As {@link #user}. */
    public AppBuilder group(String value) {
        group = App.parseOwner(value);
        return this;
    }

    public AppBuilder supplementaryGids(List<Long> value) {
        supplementaryGids = value;
        return this;
    }

    public AppBuilder eventHandlers(List<EventHandler> value) {
        eventHandlers = value;
        return this;
    }

    public AppBuilder workingDirectory(AbsolutePath value) {
        workingDirectory = value;
        return this;
    }

    public AppBuilder environment(Environment value) {
        environment = value;
        return this;
    }

    public AppBuilder isolators(Isolators value) {
        isolators = value;
        return this;
    }

    public AppBuilder mountPoints(List<MountPoint> value) {
        mountPoints = value;
        return this;
    }

    public AppBuilder ports(List<Port> value) {
        ports = value;
        return this;
    }

    public AppBuilder userAnnotations(Map<String, String> value) {
        userAnnotations = value;
        return this;
    }

    public AppBuilder userLabels(Map<String, String> value) {
        userLabels = value;
        return this;
    }

    public App build() {
        return new App(
                exec,
                user,
                group,
                supplementaryGids,
                eventHandlers,
                workingDirectory,
                environment,
                isolators,
                mountPoints,
                ports,
                userAnnotations,
                userLabels,
                unknown);
    }
}
