package io.twinport.it.apps;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * An echo server that does what many do: it takes Netty's epoll transport where it is available,
 * and NIO otherwise. Arguments: {@code host/port …}.
 */
public final class NettyEpollServer {
  private static final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      context.writeAndFlush(message).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }
  }

  private NettyEpollServer() {}

  /** Runs the server. */
  public static void main(String[] arguments) throws Exception {
    boolean epoll = Epoll.isAvailable();
    EventLoopGroup loops = epoll ? new EpollEventLoopGroup(2) : new NioEventLoopGroup(2);
    Class<? extends ServerChannel> type =
        epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    try {
      ServerBootstrap bootstrap =
          new ServerBootstrap()
              .group(loops)
              .channel(type)
              .childHandler(
                  new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                      channel.pipeline().addLast(new Echo());
                    }
                  });
      List<Integer> ports = new ArrayList<>();
      for (InetSocketAddress address : Bindings.parse(arguments)) {
        Channel listener = bootstrap.bind(address).sync().channel();
        ports.add(((InetSocketAddress) listener.localAddress()).getPort());
      }
      new Console().on("transport", words -> "epoll=" + epoll).serve(Bindings.report(ports));
    } finally {
      loops.shutdownGracefully().sync();
    }
  }
}
