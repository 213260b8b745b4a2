package io.twinport.it.apps;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Netty's NIO transport, answering a GET with the client's address and a POST with its own body.
 * The same class file runs on Netty 4.1 and 4.2. Arguments: {@code host/port …}.
 */
public final class NettyHttpServer {
  private static final class Answer extends SimpleChannelInboundHandler<FullHttpRequest> {
    private final Tally tally;

    Answer(Tally tally) {
      this.tally = tally;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      tally.accepted(context.channel().remoteAddress());
      context.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      tally.ended(context.channel().remoteAddress(), 0, false);
      context.fireChannelInactive();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      byte[] body;
      if (request.content().isReadable()) {
        body = new byte[request.content().readableBytes()];
        request.content().readBytes(body);
      } else {
        body = (context.channel().remoteAddress() + "\n").getBytes(StandardCharsets.UTF_8);
      }
      FullHttpResponse response =
          new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
      response.content().writeBytes(body);
      response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, body.length);
      boolean keep = HttpUtil.isKeepAlive(request);
      var written = context.writeAndFlush(response);
      if (!keep) {
        written.addListener(ChannelFutureListener.CLOSE);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      // A client that was killed resets its connection; the close is all there is to do.
      context.close().addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
    }
  }

  private NettyHttpServer() {}

  /** Runs the server. */
  public static void main(String[] arguments) throws Exception {
    Tally tally = new Tally();
    EventLoopGroup acceptors = new NioEventLoopGroup(1);
    EventLoopGroup workers = new NioEventLoopGroup(2);
    try {
      ServerBootstrap bootstrap =
          new ServerBootstrap()
              .group(acceptors, workers)
              .channel(NioServerSocketChannel.class)
              .childHandler(
                  new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                      channel
                          .pipeline()
                          .addLast(
                              new HttpServerCodec(),
                              new HttpObjectAggregator(16 << 20),
                              new Answer(tally));
                    }
                  });
      List<Integer> ports = new ArrayList<>();
      for (InetSocketAddress address : Bindings.parse(arguments)) {
        Channel listener = bootstrap.bind(address).sync().channel();
        ports.add(((InetSocketAddress) listener.localAddress()).getPort());
      }
      new Console().on("stats", words -> tally.report()).serve(Bindings.report(ports));
    } finally {
      acceptors.shutdownGracefully().sync();
      workers.shutdownGracefully().sync();
    }
  }
}
