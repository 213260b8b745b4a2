package io.twinport.aio;

import io.twinport.core.SwitchSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.WritePendingException;

/** The direction towards the peer. */
final class Writing extends Transfer {
  private final SwitchSocket twin;

  Writing(TwinAsynchronousSocketChannel channel) {
    super(channel, "Writing");
    twin = channel.twin.socket;
  }

  @Override
  IllegalStateException alreadyPending() {
    return new WritePendingException();
  }

  @Override
  int resultWhenShut() throws ClosedChannelException {
    throw new ClosedChannelException();
  }

  @Override
  boolean triesAtOnce() {
    return true;
  }

  @Override
  long transfer(ByteBuffer one) throws IOException {
    return twin.writer.write(one);
  }

  @Override
  long transfer(ByteBuffer[] several) throws IOException {
    return twin.writer.write(several, 0, several.length);
  }

  @Override
  Throwable translate(Throwable failure, boolean isShut) {
    if (failure instanceof ClosedChannelException) {
      return isShut ? new IOException("Broken pipe") : new AsynchronousCloseException();
    }
    return failure;
  }
}
