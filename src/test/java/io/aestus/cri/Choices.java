package io.aestus.cri;

import com.google.protobuf.ByteString;
import java.util.Random;

/** Where what is random comes from. */
interface Choices {
    /** A number from 0 on, below {@code bound}. */
    int below(int bound);

    long whole();

    String text();

    ByteString bytes();

    default boolean yes() {
        return below(2) == 1;
    }

    /** Of a generator of numbers. */
    static Choices of(Random random) {
        return new Choices() {
            @Override
            public int below(int bound) {
                return random.nextInt(bound);
            }

            @Override
            public long whole() {
                return random.nextLong() >> random.nextInt(64);
            }

            @Override
            public String text() {
                return random.ints(random.nextInt(20), 0, 0x3000)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString();
            }

            @Override
            public ByteString bytes() {
                byte[] bytes = new byte[random.nextInt(40)];
                random.nextBytes(bytes);
                return ByteString.copyFrom(bytes);
            }
        };
    }
}
