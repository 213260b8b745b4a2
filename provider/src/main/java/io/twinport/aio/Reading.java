package io.twinport.aio;

import io.twinport.core.SwitchSocket;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadPendingException;

/** The direction towards this end. */
final class Reading extends Transfer {
  /** The JDK's switch for programs that can't stand a read that is done when it begins. */
  private static final boolean READS_AT_ONCE = readsAtOnce();

  private final SwitchSocket twin;
  private boolean resetReported; // Read and written by the operation that is under way.

  Reading(TwinAsynchronousSocketChannel channel) {
    super(channel, "Reading");
    twin = channel.twin.socket;
  }

  private static boolean readsAtOnce() {
    String disabled = System.getProperty("sun.nio.ch.disableSynchronousRead", "false");
    return !disabled.isEmpty() && !Boolean.parseBoolean(disabled);
  }

  @Override
  IllegalStateException alreadyPending() {
    return new ReadPendingException();
  }

  @Override
  int resultWhenShut() {
    return -1;
  }

  @Override
  boolean triesAtOnce() {
    return READS_AT_ONCE;
  }

  @Override
  long transfer(ByteBuffer one) throws IOException {
    return resetReported ? -1 : twin.reader.read(one);
  }

  @Override
  long transfer(ByteBuffer[] several) throws IOException {
    return resetReported ? -1 : twin.reader.read(several, 0, several.length);
  }

  /** A reset is reported once, as the kernel does; what follows is the end of the stream. */
  @Override
  Throwable translate(Throwable failure, boolean isShut) {
    if (failure instanceof ClosedChannelException) {
      return new AsynchronousCloseException();
    }
    if (failure instanceof SocketException) {
      resetReported = true;
      return new IOException(failure.getMessage());
    }
    return failure;
  }
}
