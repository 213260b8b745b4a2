package io.twinport.it.apps;

import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What an echo server says: every byte goes back, but a conversation that opens with {@code GET }
 * gets a page that names the client, so that browsers and curl can talk to it too.
 */
final class EchoConversation {
  private static final byte[] GET = "GET ".getBytes(StandardCharsets.US_ASCII);

  private final SocketAddress remote;
  private long received;
  private boolean page;

  EchoConversation(SocketAddress remote) {
    this.remote = remote;
  }

  /**
   * Takes what was read, from 0 to the position, and leaves in the buffer what is to be written.
   */
  void turn(ByteBuffer buffer) {
    boolean first = received == 0;
    received += buffer.position();
    buffer.flip();
    if (first && startsWithGet(buffer)) {
      page = true;
      byte[] body = (remote + "\n").getBytes(StandardCharsets.UTF_8);
      String head = "HTTP/1.0 200 OK\r\nContent-Length: " + body.length + "\r\n\r\n";
      buffer.clear();
      buffer.put(head.getBytes(StandardCharsets.US_ASCII)).put(body).flip();
    }
  }

  /** Whether the conversation is over once the buffer is written. */
  boolean over() {
    return page;
  }

  long received() {
    return received;
  }

  SocketAddress remote() {
    return remote;
  }

  private static boolean startsWithGet(ByteBuffer buffer) {
    for (int i = 0; i < GET.length; i++) {
      if (i >= buffer.limit() || buffer.get(i) != GET[i]) {
        return false;
      }
    }
    return true;
  }
}
