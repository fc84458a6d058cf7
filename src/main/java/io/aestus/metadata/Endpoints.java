package io.aestus.metadata;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.Annotations;
import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.executor.AppStatus;
import io.aestus.executor.PodStatus;
import io.aestus.json.MalformedException;
import io.aestus.store.ImageStore;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;

/**
 * What can be asked, below {@code /TOKEN/acMetadata/v1}.
 *
 * @see <a href="https://github.com/appc/spec/blob/v0.8.11/spec/ace.md#metadata-service">appc: Metadata Service</a>
 */
final class Endpoints {
    private static final List<String> BASE = List.of("acMetadata", "v1");
    private static final List<String> READING = List.of("GET", "HEAD");
    private static final List<String> POSTING = List.of("POST");

    private final ImageStore images;
    private final Identity identity;

    Endpoints(ImageStore images, Identity identity) {
        this.images = images;
        this.identity = identity;
    }

    /** Answers a request of whoever knows the token of {@code pod}. */
    HttpAnswer answer(HttpRequest request, String token, PodStatus pod) throws IOException, Refusal {
        List<String> path = request.path();
        if (!isSame(path.getFirst(), token)) {
            throw new Refusal(403, "this is not the token of the pod");
        }
        int below = 1 + BASE.size();
        if (path.size() < below || !path.subList(1, below).equals(BASE)) {
            throw nothingThere();
        }
        List<String> rest = path.subList(below, path.size());
        return rest.size() > 1 && rest.getFirst().equals("apps")
                ? ofApp(request, app(pod, rest.get(1)), rest.subList(2, rest.size()))
                : ofPod(request, pod, rest);
    }

    /** Takes the same time wherever they differ. */
    private static boolean isSame(String one, String other) {
        return MessageDigest.isEqual(
                one.getBytes(StandardCharsets.ISO_8859_1), other.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static Refusal nothingThere() {
        return Refusal.notFound("such path");
    }

    private static void require(List<String> methods, HttpRequest request) throws Refusal {
        if (!methods.contains(request.method())) {
            throw Refusal.method(methods);
        }
    }

    // --- the pod

    private HttpAnswer ofPod(HttpRequest request, PodStatus pod, List<String> path) throws IOException, Refusal {
        String name = String.join("/", path);
        switch (name) {
            case "pod/uuid" -> {
                require(READING, request);
                return HttpAnswer.text(pod.uuid().toString());
            }
            case "pod/manifest" -> {
                require(READING, request);
                return HttpAnswer.json(manifest(pod).toJson());
            }
            case "pod/hmac/sign" -> {
                require(POSTING, request);
                return HttpAnswer.text(Base64.getEncoder()
                        .encodeToString(
                                identity.sign(pod.uuid(), request.body().read().bytesOf("content"))));
            }
            case "pod/hmac/verify" -> {
                require(POSTING, request);
                return verify(request.body().read());
            }
            default -> {
                if (path.size() > 1 && path.subList(0, 2).equals(List.of("pod", "annotations"))) {
                    return ofAnnotations(request, pod.manifest().annotations(), path.subList(2, path.size()));
                }
                throw nothingThere();
            }
        }
    }

    /** As it was asked for, with the apps that the pod has now. */
    private static PodManifest manifest(PodStatus pod) {
        return pod.manifest().withApps(pod.apps().stream().map(AppStatus::app).toList());
    }

    private HttpAnswer verify(Form form) throws Refusal {
        byte[] content = form.bytesOf("content");
        if (!identity.isSignature(signature(form), uuid(form), content)) {
            throw new Refusal(403, "this is not the signature of that pod");
        }
        return HttpAnswer.text("");
    }

    private static PodUuid uuid(Form form) throws Refusal {
        try {
            return PodUuid.parse(form.textOf("uuid"));
        } catch (MalformedException _) {
            throw new Refusal(400, "uuid must be the UUID of a pod");
        }
    }

    private static byte[] signature(Form form) throws Refusal {
        try {
            return Base64.getDecoder().decode(form.bytesOf("signature"));
        } catch (IllegalArgumentException _) {
            throw new Refusal(400, "signature must be in base64");
        }
    }

    // --- its apps

    private static AppStatus app(PodStatus pod, String name) throws Refusal {
        return pod.apps().stream()
                .filter(app -> app.name().value().equals(name))
                .findFirst()
                .orElseThrow(() -> Refusal.notFound("app of that name"));
    }

    private HttpAnswer ofApp(HttpRequest request, AppStatus app, List<String> path) throws Refusal {
        switch (String.join("/", path)) {
            case "image/id" -> {
                require(READING, request);
                return HttpAnswer.text(app.image().toString());
            }
            case "image/manifest" -> {
                require(READING, request);
                return HttpAnswer.json(ofStore(() -> images.manifestBytes(app.image())));
            }
            default -> {
                if (!path.isEmpty() && path.getFirst().equals("annotations")) {
                    return ofAnnotations(request, annotations(app), path.subList(1, path.size()));
                }
                throw nothingThere();
            }
        }
    }

    private Annotations annotations(AppStatus app) {
        var ofImage = ofStore(() -> images.require(app.image())).manifest().annotations();
        return app.app().annotations().over(ofImage);
    }

    /** Something of the image store. */
    @FunctionalInterface
    private interface Look<T> {
        T look() throws IOException;
    }

    private static <T> T ofStore(Look<T> look) {
        try {
            return look.look();
        } catch (IOException e) {
            throw new AestusException(Problem.UNAVAILABLE, "cannot read an app's image: " + e.getMessage(), e);
        }
    }

    // --- annotations: all of them, or, as with rkt, the value of one

    private static HttpAnswer ofAnnotations(HttpRequest request, Annotations annotations, List<String> name)
            throws Refusal {
        if (name.isEmpty()) {
            require(READING, request);
            return HttpAnswer.json(annotations.toJson());
        }
        String value = annotations
                .get(decoded(String.join("/", name)))
                .orElseThrow(() -> Refusal.notFound("annotation of that name"));
        require(READING, request);
        return HttpAnswer.foreignText(value);
    }

    private static String decoded(String part) throws Refusal {
        try {
            return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException _) {
            throw new Refusal(400, "a percent sign must be followed by two hexadecimal digits");
        }
    }
}
