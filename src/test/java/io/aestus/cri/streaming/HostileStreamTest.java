package io.aestus.cri.streaming;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Clients that do not play by the rules of SPDY. */
class HostileStreamTest {
    private final List<SpdyStream> opened = new ArrayList<>();

    private EmbeddedChannel connection() {
        var channel = new EmbeddedChannel();
        var flow = new Flow(channel);
        channel.pipeline()
                .addLast(
                        new SpdyFrameCodec(SpdyVersion.SPDY_3_1, 16 * 1024, 16 * 1024, 6, 15, 8),
                        new SpdyConnection(flow, opened::add),
                        flow);
        return channel;
    }

    /** What a client that plays by the rules would send. */
    private static byte[] conversation() {
        var client = new EmbeddedChannel(new SpdyFrameCodec(SpdyVersion.SPDY_3_1));
        for (int id = 1; id < 9; id += 2) {
            var open = new DefaultSpdySynStreamFrame(id, 0, (byte) 0);
            open.headers().set("streamtype", "data").set("port", "80").set("requestid", Integer.toString(id));
            client.writeOutbound(open);
            client.writeOutbound(new DefaultSpdyDataFrame(id, Unpooled.wrappedBuffer(new byte[500])));
        }
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf part = client.readOutbound(); part != null; part = client.readOutbound()) {
            all.writeBytes(part);
            part.release();
        }
        byte[] bytes = new byte[all.readableBytes()];
        all.readBytes(bytes);
        client.finishAndReleaseAll();
        return bytes;
    }

    @Test
    void a_conversation_is_understood_in_pieces_of_any_size() {
        byte[] whole = conversation();
        for (int size : List.of(1, 7, 100, whole.length)) {
            opened.clear();
            EmbeddedChannel channel = connection();
            for (int from = 0; from < whole.length; from += size) {
                channel.writeInbound(Unpooled.copiedBuffer(whole, from, Math.min(size, whole.length - from)));
            }
            assertEquals(4, opened.size());
            assertTrue(opened.stream().allMatch(stream -> stream.in().available() > 0));
            channel.finishAndReleaseAll();
        }
    }

    @Test
    void no_damage_to_a_conversation_does_more_than_end_it() {
        byte[] whole = conversation();
        var random = new Random(4711);
        for (int round = 0; round < 5000; round++) {
            byte[] damaged = whole.clone();
            for (int i = 0; i <= random.nextInt(8); i++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            EmbeddedChannel channel = connection();
            channel.writeInbound(Unpooled.copiedBuffer(damaged, 0, 1 + random.nextInt(damaged.length)));
            channel.checkException();
            channel.finishAndReleaseAll();
        }
    }

    private static DefaultSpdySynStreamFrame open(int id) {
        var open = new DefaultSpdySynStreamFrame(id, 0, (byte) 0);
        open.headers().set("streamtype", "data");
        return open;
    }

    @Test
    void streams_beyond_the_limit_are_refused() {
        EmbeddedChannel channel = connection();
        var client = new EmbeddedChannel(new SpdyFrameCodec(SpdyVersion.SPDY_3_1));
        for (int i = 0; i < 1030; i++) {
            client.writeOutbound(open(2 * i + 1));
            channel.writeInbound((ByteBuf) client.readOutbound());
        }
        assertEquals(1024, opened.size());
        assertTrue(channel.isActive());
        channel.finishAndReleaseAll();
    }

    @Test
    void an_id_that_goes_back_ends_the_connection() {
        EmbeddedChannel channel = connection();
        var client = new EmbeddedChannel(new SpdyFrameCodec(SpdyVersion.SPDY_3_1));
        client.writeOutbound(open(3));
        channel.writeInbound((ByteBuf) client.readOutbound());
        assertTrue(channel.isActive());
        client.writeOutbound(open(1));
        channel.writeInbound((ByteBuf) client.readOutbound());
        assertFalse(channel.isActive());
    }
}
