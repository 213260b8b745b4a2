package io.twinport.agent.transforms;

import java.util.List;

/**
 * One change to a class of the JDK: a method that asks a hook first, and returns what it answers
 * unless that is null, or a negative number; one without a result returns if the answer is true.
 * This is the table of all of them.
 *
 * @param name what {@code twinport.transforms-off} calls it
 * @param owner the internal name of the class
 * @param method the method's name; where the JDKs differ, all its names with | between them
 * @param descriptor the method's, whose result is an object, a {@code long} or nothing
 * @param hook the hook, a method of {@code sun.nio.ch.SanHooks} with the same arguments, behind the
 *     object itself where the method is not static
 * @param self the type as which the hook takes the object itself; null where the method is static
 * @param use when it is made
 */
record Transform(
    String name,
    String owner,
    String method,
    String descriptor,
    String hook,
    String self,
    Use use) {
  /** Which processes need a transform. */
  enum Use {
    /** Every one. */
    ALWAYS,
    /** Those on a JDK whose channels' streams take no lock of the channel's: 19 and later. */
    STREAMS_ARE_FREE
  }

  /** All transforms there are. */
  static final List<Transform> ALL =
      List.of(
          // First: from the next on, server sockets of the JDK's own are given sockets of ours.
          new Transform(
              "sockets",
              "sun/nio/ch/NioSocketImpl",
              "accept",
              "(Ljava/net/SocketImpl;)V",
              "accept",
              "Ljava/net/SocketImpl;",
              Use.ALWAYS),
          new Transform(
              "sockets",
              "java/net/SocketImpl",
              "createPlatformSocketImpl",
              "(Z)Ljava/net/SocketImpl;",
              "socketImpl",
              null,
              Use.ALWAYS),
          new Transform(
              "proxy-lookups",
              "java/net/SocksSocketImpl",
              "connect",
              "(Ljava/net/SocketAddress;I)V",
              "connect",
              "Ljava/net/SocketImpl;",
              Use.ALWAYS),
          new Transform(
              "async-channels",
              "java/nio/channels/spi/AsynchronousChannelProvider",
              "provider",
              "()Ljava/nio/channels/spi/AsynchronousChannelProvider;",
              "asynchronousProvider",
              null,
              Use.ALWAYS),
          new Transform(
              "async-channels",
              "sun/nio/ch/LinuxAsynchronousChannelProvider",
              "openAsynchronousSocketChannel",
              "(Ljava/nio/channels/AsynchronousChannelGroup;)Ljava/nio/channels/AsynchronousSocketChannel;",
              "asynchronousSocket",
              "Ljava/nio/channels/spi/AsynchronousChannelProvider;",
              Use.ALWAYS),
          new Transform(
              "async-channels",
              "sun/nio/ch/LinuxAsynchronousChannelProvider",
              "openAsynchronousServerSocketChannel",
              "(Ljava/nio/channels/AsynchronousChannelGroup;)Ljava/nio/channels/AsynchronousServerSocketChannel;",
              "asynchronousServerSocket",
              "Ljava/nio/channels/spi/AsynchronousChannelProvider;",
              Use.ALWAYS),
          new Transform(
              "channels",
              "java/nio/channels/spi/SelectorProvider",
              "provider",
              "()Ljava/nio/channels/spi/SelectorProvider;",
              "selectorProvider",
              null,
              Use.ALWAYS),
          new Transform(
              "file-transfers",
              "sun/nio/ch/FileChannelImpl",
              "transferToDirect|transferToDirectly",
              "(JILjava/nio/channels/WritableByteChannel;)J",
              "transferTo",
              "Ljava/nio/channels/FileChannel;",
              Use.ALWAYS),
          new Transform(
              "file-transfers",
              "sun/nio/ch/FileChannelImpl",
              "transferFromArbitraryChannel",
              "(Ljava/nio/channels/ReadableByteChannel;JJ)J",
              "transferFrom",
              "Ljava/nio/channels/FileChannel;",
              Use.ALWAYS),
          new Transform(
              "streams",
              "java/nio/channels/Channels",
              "newInputStream",
              "(Ljava/nio/channels/ReadableByteChannel;)Ljava/io/InputStream;",
              "newInputStream",
              null,
              Use.STREAMS_ARE_FREE),
          new Transform(
              "streams",
              "java/nio/channels/Channels",
              "newOutputStream",
              "(Ljava/nio/channels/WritableByteChannel;)Ljava/io/OutputStream;",
              "newOutputStream",
              null,
              Use.STREAMS_ARE_FREE));

  /** Whether this process needs it. */
  boolean isNeeded() {
    // No switch: it would load a class more while the process starts.
    return use == Use.ALWAYS || Runtime.version().feature() >= 19;
  }

  /** Whether this is the method, by its name. */
  boolean isOf(String name) {
    for (String one : method.split("\\|", -1)) {
      if (one.equals(name)) {
        return true;
      }
    }
    return false;
  }
}
