package io.twinport.shm;

import io.twinport.posix.UnixSocket;
import io.twinport.spi.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * The messages on a link's socket, one packet each: a type byte, then fields in big-endian order.
 * Descriptors that come with a message are named in brackets.
 *
 * <pre>
 *   client → server                              server → client
 *   HELLO version, id                            REJECT reason
 *                                                WELCOME id  [board, wire]
 *   BOARD  [board, wire]
 *   SEGMENT id, slots  [client half]             SEGMENT_READY id, portBase  [server half]
 *                                                SEGMENT_REFUSED id, reason
 *   ATTACH attachment, segment, slot, port, address   ATTACHED attachment   NOT_ATTACHED attachment, reason
 *                                                DETACHED attachment
 *   DROP_SEGMENT id
 *   both: DATA id, bytes [memfd]    DROP_DATA id    BELL number [wire]
 * </pre>
 *
 * <p>A client brings no descriptor before the server has seen what the kernel says of it. By a wire
 * the receiver rings the sender's bell of that number, see {@link io.twinport.posix.Posix#wire}.
 */
final class LinkMessages {
  static final byte HELLO = 1;
  static final byte WELCOME = 2;
  static final byte REJECT = 3;
  static final byte SEGMENT = 4;
  static final byte SEGMENT_READY = 5;
  static final byte SEGMENT_REFUSED = 6;
  static final byte ATTACH = 7;
  static final byte ATTACHED = 8;
  static final byte NOT_ATTACHED = 9;
  static final byte DETACHED = 10;
  static final byte DROP_SEGMENT = 11;
  static final byte DATA = 12;
  static final byte DROP_DATA = 13;
  static final byte BELL = 14;
  static final byte BOARD = 15;

  static final int ID_BYTES = 16;
  static final int MAX_BYTES = 64;

  /** The most descriptors in a message. */
  static final int MOST_FDS = 2;

  /** This process has no descriptors left for those of a message, which stays in its socket. */
  static final class NoDescriptorsException extends IOException {
    private static final long serialVersionUID = 1L;

    NoDescriptorsException(byte type) {
      super("no descriptors are left for those of a message of type " + type);
    }
  }

  private LinkMessages() {}

  /** How many descriptors a message brings. */
  static int descriptors(byte type) {
    return switch (type) {
      case WELCOME, BOARD -> 2;
      case SEGMENT, SEGMENT_READY, DATA, BELL -> 1;
      default -> 0;
    };
  }

  /**
   * Looks at the next message, see {@link UnixSocket.Inbox#peek}.
   *
   * @param spares let go if there is no room for its descriptors, which then have some
   * @throws NoDescriptorsException if there are none for the message's, not even the spares
   * @throws IOException if it is too long, or has other descriptors than it has to
   */
  static int peek(UnixSocket.Inbox inbox, int socket, SpareDescriptors spares) throws IOException {
    int length = inbox.peek(socket);
    if (length > 0 && inbox.isCut()) {
      spares.letGo();
      length = inbox.peek(socket);
    }
    if (length > 0) {
      byte type = inbox.message().get(0);
      int fds = 0;
      for (int fd : inbox.fds()) {
        fds += fd >= 0 ? 1 : 0;
      }
      if (inbox.isCut() && fds < MOST_FDS && length < MAX_BYTES) {
        throw new NoDescriptorsException(type);
      }
      if (inbox.isCut() || fds != descriptors(type)) {
        throw new IOException(
            "message of type "
                + type
                + " with "
                + fds
                + (inbox.isCut() ? " or more" : "")
                + " descriptors");
      }
    }
    return length;
  }

  static ByteBuffer hello(byte[] id) {
    return start(HELLO).putInt(LinkLayout.WIRE_VERSION).put(id).flip();
  }

  static ByteBuffer welcome(byte[] id) {
    return start(WELCOME).put(id).flip();
  }

  static ByteBuffer board() {
    return start(BOARD).flip();
  }

  static ByteBuffer reject(Reason reason) {
    return start(REJECT).putInt(reason.onWire()).flip();
  }

  static ByteBuffer number(byte type, int number) {
    return start(type).putInt(number).flip();
  }

  static ByteBuffer numbers(byte type, int first, int second) {
    return start(type).putInt(first).putInt(second).flip();
  }

  static ByteBuffer attach(int attachment, int segment, int slot, InetSocketAddress destination) {
    byte[] address = destination.getAddress().getAddress();
    return start(ATTACH)
        .putInt(attachment)
        .putInt(segment)
        .putInt(slot)
        .putInt(destination.getPort())
        .put((byte) address.length)
        .put(address)
        .flip();
  }

  private static ByteBuffer start(byte type) {
    return ByteBuffer.allocate(MAX_BYTES).put(type);
  }

  static byte[] id(ByteBuffer message) throws IOException {
    try {
      byte[] id = new byte[ID_BYTES];
      message.get(id);
      return id;
    } catch (BufferUnderflowException e) {
      throw new IOException("message too short", e);
    }
  }

  static int number(ByteBuffer message) throws IOException {
    try {
      return message.getInt();
    } catch (BufferUnderflowException e) {
      throw new IOException("message too short", e);
    }
  }

  static Reason reason(ByteBuffer message) throws IOException {
    return Reason.ofWire(number(message));
  }

  static InetSocketAddress destination(ByteBuffer message) throws IOException {
    try {
      int port = message.getInt();
      byte[] address = new byte[message.get() == 4 ? 4 : 16];
      message.get(address);
      if (port < 1 || port > 65535) {
        throw new IOException("port " + port);
      }
      return new InetSocketAddress(InetAddress.getByAddress(address), port);
    } catch (BufferUnderflowException e) {
      throw new IOException("message too short", e);
    }
  }
}
