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
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;

/** An HTTP server of Netty's codec, over its NIO transport. */
final class Netty {
  private Netty() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, Netty::server, Http::requests);
  }

  private static AutoCloseable server(Side side) throws Exception {
    EventLoopGroup group = new NioEventLoopGroup(2);
    Channel listener =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    channel
                        .pipeline()
                        .addLast(
                            new HttpServerCodec(), new HttpObjectAggregator(2_000_000), new Echo());
                  }
                })
            .bind("127.0.0.1", side.port())
            .sync()
            .channel();
    return () -> {
      listener.close().sync();
      group.shutdownGracefully().sync();
    };
  }

  private static final class Echo extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      DefaultFullHttpResponse answer =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1, HttpResponseStatus.OK, request.content().retain());
      HttpUtil.setContentLength(answer, request.content().readableBytes());
      boolean stays = HttpUtil.isKeepAlive(request);
      HttpUtil.setKeepAlive(answer, stays);
      context
          .writeAndFlush(answer)
          .addListener(
              stays ? ChannelFutureListener.CLOSE_ON_FAILURE : ChannelFutureListener.CLOSE);
    }
  }
}
