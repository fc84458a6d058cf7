package io.aestus.fetch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.HashSet;
import java.util.Set;
import javax.net.ssl.SSLSocketFactory;

/**
 * TLS for the connections of one transport, which remembers the plain sockets beneath. {@link HttpURLConnection}
 * cannot break off a connection while another thread reads from it: closing waits for that reader. Closing the socket does not.
 */
final class TrackedSockets extends SSLSocketFactory {
    private final SSLSocketFactory tls;
    private final Gate gate;
    private final Set<Socket> open = new HashSet<>();
    private boolean isAborted;

    /** Decides on a connection before anything is sent over it. */
    @FunctionalInterface
    interface Gate {
        /**
         * Lets a connection through.
         *
         * @throws IOException to refuse it
         */
        void pass(String host, int port, InetAddress peer) throws IOException;
    }

    TrackedSockets(SSLSocketFactory tls, Gate gate) {
        this.tls = tls;
        this.gate = gate;
    }

    /** Breaks every connection off, now and from now on. */
    synchronized void abort() {
        isAborted = true;
        for (Socket socket : open) {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e); // a plain socket closes without a word to the other side
            }
        }
        open.clear();
    }

    /** As the contract has it for factories that can only put TLS upon a connected socket: so the caller connects first. */
    @Override
    public Socket createSocket() throws IOException {
        throw (SocketException) new SocketException("connect first").initCause(new UnsupportedOperationException());
    }

    @Override
    public Socket createSocket(Socket plain, String host, int port, boolean autoClose) throws IOException {
        synchronized (this) {
            open.removeIf(Socket::isClosed);
            if (isAborted) {
                plain.close();
                throw new SocketException("broken off");
            }
            open.add(plain);
        }
        try {
            gate.pass(host, port, plain.getInetAddress());
        } catch (IOException e) {
            plain.close();
            throw e;
        }
        return tls.createSocket(plain, host, port, autoClose);
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return createSocket(); // tried when putting TLS upon a socket fails; that failure is then the one that counts
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
        throw new UnsupportedOperationException("connect first");
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
        throw new UnsupportedOperationException("connect first");
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort) {
        throw new UnsupportedOperationException("connect first");
    }

    @Override
    public String[] getDefaultCipherSuites() {
        return tls.getDefaultCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return tls.getSupportedCipherSuites();
    }
}
