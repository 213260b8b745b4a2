package io.twinport.posix;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** UNIX-domain sockets of type {@code SOCK_STREAM}, by which processes are asked how they are. */
public final class StreamSocket {
  private static final int AF_UNIX = 1;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_NONBLOCK = 0x800;

  private StreamSocket() {}

  /**
   * Connects to an abstract name.
   *
   * @return the connected socket, or the negative error number
   */
  public static int connect(String name) throws IOException {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    long address = Memory.allocate(KernelLayout.SOCKADDR_UN_SIZE);
    try {
      long path = address + KernelLayout.SOCKADDR_UN_PATH;
      Memory.putShort(address + KernelLayout.SOCKADDR_UN_FAMILY, (short) AF_UNIX);
      Memory.putByte(path, (byte) 0);
      Memory.copy(bytes, 0, path + 1, bytes.length);
      int fd = LibC.socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
      if (fd < 0) {
        throw LibC.failed("socket");
      }
      if (LibC.connect(fd, address, KernelLayout.SOCKADDR_UN_PATH + 1 + bytes.length) < 0) {
        int errno = LibC.errno();
        Posix.close(fd);
        return -errno;
      }
      return fd;
    } finally {
      Memory.free(address);
    }
  }
}
