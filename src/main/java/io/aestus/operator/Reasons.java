package io.aestus.operator;

import io.aestus.Problem;

/** The reasons in conditions and events: part of the API, so they stay as they are. */
public final class Reasons {
    /** Every app has its image. */
    public static final String IMAGES_RESOLVED = "ImagesResolved";
    /** Images are being looked for and fetched. */
    public static final String RESOLVING = "Resolving";
    /** The spec asks for what makes no sense. */
    public static final String SPEC_INVALID = "SpecInvalid";
    /** The spec asks for what this node cannot do. */
    public static final String UNSUPPORTED = "Unsupported";
    /** No place has the image. */
    public static final String IMAGE_NOT_FOUND = "ImageNotFound";
    /** The image is not signed by a key that is trusted for its name. */
    public static final String IMAGE_UNTRUSTED = "ImageUntrusted";
    /** What was fetched is no proper image. */
    public static final String IMAGE_INVALID = "ImageInvalid";
    /** What was fetched or stored is damaged. */
    public static final String IMAGE_CORRUPT = "ImageCorrupt";
    /** The server of the image refuses us. */
    public static final String IMAGE_DENIED = "ImageDenied";
    /** The server of the image does not answer as it should. */
    public static final String IMAGE_UNAVAILABLE = "ImageUnavailable";
    /** A disk, quota or limit of the node is full. */
    public static final String NODE_EXHAUSTED = "NodeExhausted";
    /** Every image is signed by a trusted key. */
    public static final String SIGNED = "Signed";
    /** Images were admitted without a signature. */
    public static final String ADMITTED_UNSIGNED = "AdmittedUnsigned";
    /** The pod runs. */
    public static final String POD_STARTED = "PodStarted";
    /** The pod is stopped because its AppPod has changed. */
    public static final String POD_REPLACED = "PodReplaced";
    /** The pod was stopped and removed. */
    public static final String POD_REMOVED = "PodRemoved";
    /** The pod could not be started. */
    public static final String START_FAILED = "StartFailed";
    /** The pod waits for what comes before. */
    public static final String NOT_STARTED = "NotStarted";
    /** Every app runs. */
    public static final String APPS_RUNNING = "AppsRunning";
    /** Some apps do not run. */
    public static final String APPS_NOT_RUNNING = "AppsNotRunning";
    /** Every app runs, but some say that they are not ready. */
    public static final String APPS_NOT_READY = "AppsNotReady";
    /** All apps ended well and stay so. */
    public static final String APPS_COMPLETED = "AppsCompleted";
    /** All apps ended, one of them badly, and stay so. */
    public static final String APPS_FAILED = "AppsFailed";
    /** An app ended and will be started again after a while. */
    public static final String RESTART_BACK_OFF = "RestartBackOff";
    /** An app was started again. */
    public static final String APP_RESTARTED = "AppRestarted";
    /** An app is about to be started. */
    public static final String APP_STARTING = "AppStarting";
    /** It starts when somebody connects to one of its ports. */
    public static final String AWAITING_CONNECTION = "AwaitingConnection";

    private Reasons() {}

    /** Why images could not be had. */
    static String resolving(Problem problem) {
        return switch (problem) {
            case INVALID -> IMAGE_INVALID;
            case NOT_FOUND -> IMAGE_NOT_FOUND;
            case UNTRUSTED -> IMAGE_UNTRUSTED;
            case DENIED -> IMAGE_DENIED;
            case CORRUPT -> IMAGE_CORRUPT;
            case UNSUPPORTED -> UNSUPPORTED;
            case EXHAUSTED -> NODE_EXHAUSTED;
            case CONFLICT, UNAVAILABLE -> IMAGE_UNAVAILABLE;
        };
    }

    /** Why a spec was not translated. */
    static String translating(Problem problem) {
        return switch (problem) {
            case UNSUPPORTED -> UNSUPPORTED;
            case INVALID, NOT_FOUND, CONFLICT, UNTRUSTED, DENIED, EXHAUSTED, UNAVAILABLE, CORRUPT -> SPEC_INVALID;
        };
    }

    /** Why a pod was not started. */
    static String starting(Problem problem) {
        return switch (problem) {
            case UNSUPPORTED -> UNSUPPORTED;
            case EXHAUSTED -> NODE_EXHAUSTED;
            case INVALID, NOT_FOUND, CONFLICT, UNTRUSTED, DENIED, UNAVAILABLE, CORRUPT -> START_FAILED;
        };
    }
}
