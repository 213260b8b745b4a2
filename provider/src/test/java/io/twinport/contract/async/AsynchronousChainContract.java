package io.twinport.contract.async;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.Payload;
import io.twinport.contract.support.Transport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.Channels;
import java.nio.channels.CompletionHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Operations of random sizes one after another, until the stream or the channel ends. */
public abstract class AsynchronousChainContract extends AsynchronousContract {
  protected AsynchronousChainContract(Transport transport) {
    super(transport);
  }

  /** Operations of which each begins the next, into and from one buffer or several. */
  private abstract static class Chain {
    final CompletableFuture<String> hash = new CompletableFuture<>();
    final AsynchronousSocketChannel channel;
    final SplittableRandom random;
    private final CompletionHandler<Integer, Object> one = new Link<>();
    private final CompletionHandler<Long, Object> several = new Link<>();

    Chain(AsynchronousSocketChannel channel, long seed) {
      this.channel = channel;
      this.random = new SplittableRandom(seed);
    }

    private final class Link<N extends Number> implements CompletionHandler<N, Object> {
      @Override
      public void completed(N n, Object attachment) {
        try {
          moved(n.longValue());
        } catch (IOException | RuntimeException | Error e) {
          hash.completeExceptionally(e);
        }
      }

      @Override
      public void failed(Throwable cause, Object attachment) {
        hash.completeExceptionally(cause);
      }
    }

    abstract void moved(long n) throws IOException;

    abstract void begin(ByteBuffer buffer, long limit, CompletionHandler<Integer, Object> handler);

    abstract void begin(ByteBuffer[] buffers, long limit, CompletionHandler<Long, Object> handler);

    final void begin(ByteBuffer... buffers) {
      long limit = random.nextBoolean() ? 0 : 60;
      if (buffers.length == 1) {
        begin(buffers[0], limit, one);
      } else {
        begin(buffers, limit, several);
      }
    }

    final ByteBuffer[] buffers() {
      ByteBuffer[] buffers = new ByteBuffer[1 + random.nextInt(4)];
      for (int i = 0; i < buffers.length; i++) {
        int room = 1 + random.nextInt(20_000);
        buffers[i] =
            random.nextBoolean() ? ByteBuffer.allocate(room) : ByteBuffer.allocateDirect(room);
      }
      return buffers;
    }
  }

  /** Writes all of some bytes, and then ends the stream. */
  private static final class Source extends Chain {
    private final ByteBuffer content;
    private final boolean closes;
    private ByteBuffer[] buffers = {};

    /**
     * @param closes whether the channel is closed at the end, and not only its output
     */
    Source(AsynchronousSocketChannel channel, byte[] content, long seed, boolean closes) {
      super(channel, seed);
      this.content = ByteBuffer.wrap(content);
      this.closes = closes;
    }

    void next() throws IOException {
      if (!content.hasRemaining()) {
        if (closes) {
          channel.close();
        } else {
          channel.shutdownOutput();
        }
        hash.complete(Payload.hash(content.array()));
        return;
      }
      buffers = buffers();
      for (ByteBuffer buffer : buffers) {
        int length = Math.min(buffer.remaining(), content.remaining());
        buffer.put(content.slice().limit(length)).flip();
        content.position(content.position() + length);
      }
      begin(buffers);
    }

    @Override
    void moved(long n) throws IOException {
      int left = 0;
      for (ByteBuffer buffer : buffers) {
        left += buffer.remaining();
      }
      content.position(content.position() - left); // They are written again.
      next();
    }

    @Override
    void begin(ByteBuffer buffer, long limit, CompletionHandler<Integer, Object> handler) {
      channel.write(buffer, limit, TimeUnit.SECONDS, null, handler);
    }

    @Override
    void begin(ByteBuffer[] several, long limit, CompletionHandler<Long, Object> handler) {
      channel.write(several, 0, several.length, limit, TimeUnit.SECONDS, null, handler);
    }
  }

  /** Reads to the end of the stream. */
  private static final class Sink extends Chain {
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private ByteBuffer[] buffers = {};

    Sink(AsynchronousSocketChannel channel, long seed) {
      super(channel, seed);
    }

    void next() {
      buffers = buffers();
      begin(buffers);
    }

    @Override
    void moved(long n) {
      if (n < 0) {
        hash.complete(Payload.hash(received.toByteArray()));
        return;
      }
      long count = 0;
      for (ByteBuffer buffer : buffers) {
        byte[] bytes = new byte[buffer.flip().remaining()];
        buffer.get(bytes);
        received.writeBytes(bytes);
        count += bytes.length;
      }
      assertEquals(n, count, "bytes in the buffers");
      next();
    }

    @Override
    void begin(ByteBuffer buffer, long limit, CompletionHandler<Integer, Object> handler) {
      channel.read(buffer, limit, TimeUnit.SECONDS, null, handler);
    }

    @Override
    void begin(ByteBuffer[] several, long limit, CompletionHandler<Long, Object> handler) {
      channel.read(several, 0, several.length, limit, TimeUnit.SECONDS, null, handler);
    }
  }

  @Test
  void chainsOfRandomSizesBothWaysUntilTheStreamsEnd() throws Exception {
    long seed = System.nanoTime();
    AsynchronousChannelGroup group = fixedGroup(2);
    List<Source> sources = new ArrayList<>();
    List<Sink> sinks = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Ends ends = ends(group);
      byte[] content = Payload.random(seed + i, 2_000_000);
      sources.add(new Source(ends.near(), content, seed + i, false));
      sinks.add(new Sink(ends.far(), ~seed + i));
      sources.add(new Source(ends.far(), content, ~seed - i, false));
      sinks.add(new Sink(ends.near(), seed - i));
    }
    assertAllArrives(sources, sinks, seed);
  }

  @Test
  void chainIsReceivedToTheEndWhenItsLastHandlerClosesTheChannel() throws Exception {
    long seed = System.nanoTime();
    AsynchronousChannelGroup group = fixedGroup(1);
    List<Source> sources = new ArrayList<>();
    List<Sink> sinks = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      Ends ends = ends(group);
      sources.add(new Source(ends.near(), Payload.random(seed + i, 200_000), seed + i, true));
      sinks.add(new Sink(ends.far(), ~seed + i));
    }
    assertAllArrives(sources, sinks, seed);
    for (Source source : sources) {
      assertFalse(source.channel.isOpen());
    }
  }

  private static void assertAllArrives(List<Source> sources, List<Sink> sinks, long seed)
      throws Exception {
    sinks.forEach(Sink::next);
    for (Source source : sources) {
      source.next();
    }
    for (int i = 0; i < sources.size(); i++) {
      assertEquals(get(sources.get(i).hash), get(sinks.get(i).hash), i + " of seed " + seed);
    }
  }

  // -- Streams of java.io

  @Test
  void streamsOfRandomSizesBothWays() throws Exception {
    long seed = System.nanoTime();
    Ends ends = ends();
    Background<String> fromNear = spawn(() -> send(ends.near(), seed));
    Background<String> fromFar = spawn(() -> send(ends.far(), ~seed));
    Background<String> atNear = spawn(() -> receive(ends.near(), ~seed));
    Background<String> atFar = spawn(() -> receive(ends.far(), seed));
    assertEquals(fromNear.join(), atFar.join(), "seed " + seed);
    assertEquals(fromFar.join(), atNear.join(), "seed " + seed);
  }

  private static final int STREAMED = 300_000;

  private static String send(AsynchronousSocketChannel channel, long seed) throws IOException {
    byte[] content = Payload.random(seed, STREAMED);
    SplittableRandom sizes = new SplittableRandom(seed);
    OutputStream out = Channels.newOutputStream(channel);
    int sent = 0;
    while (sent < STREAMED) {
      int length = Math.min(1 + sizes.nextInt(20_000), STREAMED - sent);
      out.write(content, sent, length);
      sent += length;
    }
    return Payload.hash(content);
  }

  private static String receive(AsynchronousSocketChannel channel, long seed) throws IOException {
    byte[] content = new byte[STREAMED];
    SplittableRandom sizes = new SplittableRandom(seed);
    InputStream in = Channels.newInputStream(channel);
    int received = 0;
    while (received < STREAMED) {
      int n = in.read(content, received, Math.min(1 + sizes.nextInt(3_000), STREAMED - received));
      assertFalse(n <= 0, "read " + n + " after " + received);
      received += n;
    }
    return Payload.hash(content);
  }

  @Test
  void closingAStreamClosesTheChannel() throws Exception {
    Ends ends = ends();
    OutputStream out = Channels.newOutputStream(ends.near());
    InputStream in = Channels.newInputStream(ends.far());
    out.write(7);
    out.close();
    assertFalse(ends.near().isOpen());
    assertEquals(7, in.read());
    assertEquals(-1, in.read());
    in.close();
    assertFalse(ends.far().isOpen());
  }

  @Test
  void closeEndsABlockedReadOfAStream() throws Exception {
    Ends ends = ends();
    Background<Integer> reading = spawn(Channels.newInputStream(ends.near())::read);
    reading.awaitBlocked();
    ends.near().close();
    IOException thrown = reading.joinFailure(IOException.class);
    assertInstanceOf(AsynchronousCloseException.class, thrown.getCause());
  }
}
