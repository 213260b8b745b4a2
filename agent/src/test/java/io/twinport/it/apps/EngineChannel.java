package io.twinport.it.apps;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;

/** TLS by an {@link SSLEngine} over a blocking channel, for one thread. */
final class EngineChannel implements ByteChannel {
  private final SocketChannel channel;
  private final SSLEngine engine;

  /** What came from the channel and is still encrypted; between uses, to be read from. */
  private final ByteBuffer received;

  private final ByteBuffer toSend;

  /** What is decrypted and not asked for yet; between uses, to be read from. */
  private final ByteBuffer content;

  EngineChannel(SocketChannel channel, SSLEngine engine) {
    this.channel = channel;
    this.engine = engine;
    int packet = engine.getSession().getPacketBufferSize();
    received = ByteBuffer.allocateDirect(packet).limit(0);
    toSend = ByteBuffer.allocateDirect(packet);
    content = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize()).limit(0);
  }

  SocketChannel channel() {
    return channel;
  }

  @Override
  public int read(ByteBuffer buffer) throws IOException {
    while (!content.hasRemaining()) {
      if (engine.isInboundDone() || !unwrap()) {
        return -1;
      }
    }
    int length = Math.min(buffer.remaining(), content.remaining());
    buffer.put(content.slice().limit(length));
    content.position(content.position() + length);
    return length;
  }

  @Override
  public int write(ByteBuffer buffer) throws IOException {
    int length = buffer.remaining();
    while (buffer.hasRemaining()) {
      if (engine.getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP) {
        if (!unwrap()) {
          throw new EOFException("the peer left during the handshake");
        }
      } else {
        wrap(buffer);
      }
    }
    return length;
  }

  /** Takes one record more; returns false at the end of the stream. */
  private boolean unwrap() throws IOException {
    HandshakeStatus status = engine.getHandshakeStatus();
    if (status == HandshakeStatus.NEED_WRAP) {
      wrap(ByteBuffer.allocate(0));
      return true;
    }
    content.compact();
    SSLEngineResult result = engine.unwrap(received, content);
    content.flip();
    runTasks();
    if (result.getStatus() == SSLEngineResult.Status.BUFFER_UNDERFLOW) {
      int length = channel.read(received.compact());
      received.flip();
      return length >= 0;
    }
    return true;
  }

  private void wrap(ByteBuffer buffer) throws IOException {
    engine.wrap(buffer, toSend.clear());
    runTasks();
    toSend.flip();
    while (toSend.hasRemaining()) {
      channel.write(toSend);
    }
  }

  private void runTasks() {
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() throws IOException {
    try (channel) {
      engine.closeOutbound();
      if (!engine.isOutboundDone()) {
        wrap(ByteBuffer.allocate(0));
      }
    }
  }
}
