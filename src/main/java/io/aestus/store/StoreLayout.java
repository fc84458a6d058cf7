package io.aestus.store;

import io.aestus.appc.AcName;
import io.aestus.appc.ImageId;
import io.aestus.appc.PodUuid;
import io.aestus.oci.Digest;
import java.nio.file.Path;

/**
 * Where everything lies on disk. No other class joins these paths, so this is the whole map:
 *
 * <pre>
 * DATA/blobs/ID  ID.asc        archives as fetched, and their signatures
 * DATA/images/ID/              manifest, rootfs/, image.json (origin, signers…; its time is the last use), lock;
 *                              of an OCI image no rootfs/, but config and oci-manifest as they came
 * DATA/layers/DIGEST/          a layer of OCI images: blob as fetched, rootfs/, layer.json, lock
 * DATA/references/             what OCI images are called, a file for each name
 * DATA/pinned.json             names of images that are never collected
 * DATA/downloads/              archives on their way, by the hash of their URL
 * DATA/rendered/KEY/           rootfs/ of a tree that a pathWhitelist forced, lock
 * DATA/pods/UUID/              manifest, pod.json, owner (lock), apps/NAME/{app.json, upper/, work/, log}
 * DATA/staging/NAME/           incomplete work of the process that holds its lock
 * DATA/locks/                  locks of the store as a whole
 * RUN/aestus.sock  cri.sock    sockets
 * RUN/pods/UUID/               what does not outlive a boot
 * </pre>
 *
 * @param data directory of everything that lasts
 * @param run directory of what ends with the boot
 */
public record StoreLayout(Path data, Path run) {
    /** Where a node keeps its data unless told otherwise. */
    public static final Path DEFAULT_DATA = Path.of("/var/lib/aestus");

    static final String TURN = "layer-";

    private static final Path DEFAULT_RUN = Path.of("/run/aestus");

    public StoreLayout {
        data = data.toAbsolutePath().normalize();
        run = run.toAbsolutePath().normalize();
    }

    /** The node whose data is in {@code data}: beside the default one, its sockets are below its data. */
    public static StoreLayout of(Path data) {
        Path whole = data.toAbsolutePath().normalize();
        return new StoreLayout(whole, whole.equals(DEFAULT_DATA) ? DEFAULT_RUN : whole.resolve("run"));
    }

    // --- images

    public Path blobs() {
        return data.resolve("blobs");
    }

    /** The archive as it was fetched, compressed or not. */
    public Path blob(ImageId id) {
        return blobs().resolve(id.toString());
    }

    /** The detached signature that came with the archive. */
    public Path signature(ImageId id) {
        return blobs().resolve(id + ".asc");
    }

    public Path images() {
        return data.resolve("images");
    }

    public Path image(ImageId id) {
        return images().resolve(id.toString());
    }

    public Path manifest(ImageId id) {
        return image(id).resolve("manifest");
    }

    /** The image's own files, without its dependencies. */
    public Path rootfs(ImageId id) {
        return image(id).resolve("rootfs");
    }

    Path record(ImageId id) {
        return image(id).resolve(ImageRecord.FILE);
    }

    Path imageLock(ImageId id) {
        return image(id).resolve("lock");
    }

    /** The configuration of an OCI image, byte for byte: its SHA-512 is the ID. */
    Path ociConfig(ImageId id) {
        return image(id).resolve("config");
    }

    /** The manifest by which an OCI image came. */
    Path ociManifest(ImageId id) {
        return image(id).resolve("oci-manifest");
    }

    /** What OCI images are made of. */
    Path layers() {
        return data.resolve("layers");
    }

    Path layer(Digest diffId) {
        return layers().resolve(diffId.fileName());
    }

    Path layerRootfs(Digest diffId) {
        return layer(diffId).resolve("rootfs");
    }

    Path layerBlob(Digest diffId) {
        return layer(diffId).resolve("blob");
    }

    Path layerRecord(Digest diffId) {
        return layer(diffId).resolve(LayerRecord.FILE);
    }

    Path layerLock(Digest diffId) {
        return layer(diffId).resolve("lock");
    }

    /** The lock of whoever brings a layer; there only as long as somebody does. */
    Path layerTurn(Digest diffId) {
        return locks().resolve(TURN + diffId.fileName());
    }

    /** What OCI images are called. */
    Path references() {
        return data.resolve("references");
    }

    /** The names of images that are never collected. */
    Path pinned() {
        return data.resolve("pinned.json");
    }

    /** Trees that had to be put together file by file. */
    public Path rendered() {
        return data.resolve("rendered");
    }

    /** Archives that are being received, or were cut short; with their locks. */
    public Path downloads() {
        return data.resolve("downloads");
    }

    Path staging() {
        return data.resolve("staging");
    }

    /** One thing in preparation. */
    Path staged(String name) {
        return staging().resolve(name);
    }

    Path renderedTree(String key) {
        return rendered().resolve(key);
    }

    /** The same place as a path below {@link #data}, for calls relative to its descriptor. */
    String below(Path place) {
        return data.relativize(place).toString();
    }

    // --- pods

    public Path pods() {
        return data.resolve("pods");
    }

    public Path pod(PodUuid pod) {
        return pods().resolve(pod.toString());
    }

    /** The pod manifest as it was asked for, every app by image ID. */
    public Path podManifest(PodUuid pod) {
        return pod(pod).resolve("manifest");
    }

    /** The pod's state and options. */
    public Path podState(PodUuid pod) {
        return pod(pod).resolve("pod.json");
    }

    /** The lock of the process that pumps the pod's logs and records its exits. */
    public Path podOwner(PodUuid pod) {
        return pod(pod).resolve("owner");
    }

    public Path apps(PodUuid pod) {
        return pod(pod).resolve("apps");
    }

    public Path app(PodUuid pod, AcName app) {
        return apps(pod).resolve(app.value());
    }

    public Path appState(PodUuid pod, AcName app) {
        return app(pod, app).resolve("app.json");
    }

    /** What the app wrote over its image. */
    public Path appUpper(PodUuid pod, AcName app) {
        return app(pod, app).resolve("upper");
    }

    /** The overlay's own directory, on the same file system as {@link #appUpper}. */
    public Path appWork(PodUuid pod, AcName app) {
        return app(pod, app).resolve("work");
    }

    /** Where the app's output goes unless its pod says otherwise. */
    public Path appLog(PodUuid pod, AcName app) {
        return app(pod, app).resolve("log");
    }

    /** Locks that guard more than one thing; a directory. */
    public Path locks() {
        return data.resolve("locks");
    }

    // --- what ends with the boot

    public Path apiSocket() {
        return run.resolve("aestus.sock");
    }

    public Path criSocket() {
        return run.resolve("cri.sock");
    }

    public Path runPods() {
        return run.resolve("pods");
    }

    public Path runPod(PodUuid pod) {
        return runPods().resolve(pod.toString());
    }
}
