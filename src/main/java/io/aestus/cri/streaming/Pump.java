package io.aestus.cri.streaming;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;

/** Carries bytes from one stream to another on a virtual thread, and then closes both. */
final class Pump implements Runnable {
    private static final System.Logger LOG = System.getLogger(Pump.class.getName());

    private final InputStream from;
    private final OutputStream to;
    private final Thread thread;
    private volatile long carried;
    private volatile boolean isReading;

    private Pump(String name, InputStream from, OutputStream to) {
        this.from = from;
        this.to = to;
        this.thread = Thread.ofVirtual().name("cri-stream-" + name).unstarted(this);
    }

    static Pump start(String name, InputStream from, OutputStream to) {
        var pump = new Pump(name, from, to);
        pump.thread.start();
        return pump;
    }

    @Override
    public void run() {
        try (from;
                to) {
            byte[] buffer = new byte[Flow.CHUNK_BYTES];
            long bytes = 0;
            for (int count = read(buffer); count >= 0; count = read(buffer)) {
                to.write(buffer, 0, count);
                to.flush();
                bytes += count;
                carried = bytes;
            }
        } catch (IOException e) { // one side has gone: the other one is told by closing it
            LOG.log(System.Logger.Level.DEBUG, "a stream broke", e);
        }
    }

    private int read(byte[] buffer) throws IOException {
        isReading = true;
        int count = from.read(buffer);
        isReading = false;
        return count;
    }

    /** Waits until all has been carried. */
    void await() throws InterruptedException {
        thread.join();
    }

    /** Waits until all has been carried by all, or nothing more has come for so long. A reader that is slow is waited for. */
    static void awaitSilence(Duration limit, List<Pump> pumps) throws InterruptedException {
        long before;
        do {
            before = carried(pumps);
        } while (!join(limit, pumps) && !(pumps.stream().allMatch(Pump::isAtRest) && carried(pumps) == before));
    }

    private static long carried(List<Pump> pumps) {
        return pumps.stream().mapToLong(pump -> pump.carried).sum();
    }

    private static boolean join(Duration limit, List<Pump> pumps) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        for (Pump pump : pumps) {
            if (!pump.thread.join(Duration.ofNanos(deadline - System.nanoTime()))) {
                return false;
            }
        }
        return true;
    }

    private boolean isAtRest() {
        return isReading || !thread.isAlive();
    }
}
