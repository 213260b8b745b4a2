package io.twinport.posix;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Receives messages one by one, with all that they bring. */
public final class Messages {
  private Messages() {}

  /**
   * Receives a message into the remaining space.
   *
   * @param fds receives the descriptors, and -1 in the places left over
   * @return the message's length; 0 at the end of the stream; -1 if there is none
   * @throws IOException if the message or its descriptors don't fit: it is gone then
   */
  public static int receive(int socket, ByteBuffer into, int[] fds) throws IOException {
    Arrays.fill(fds, -1);
    try (UnixSocket.Inbox inbox = new UnixSocket.Inbox(into.remaining(), fds.length)) {
      int length = inbox.peek(socket);
      if (length > 0) {
        inbox.skip(socket);
        if (inbox.isCut()) {
          throw new IOException("cut");
        }
        into.put(inbox.message());
      }
      System.arraycopy(inbox.fds(), 0, fds, 0, fds.length);
      Arrays.fill(inbox.fds(), -1);
      return length;
    }
  }
}
