package io.twinport.benchmarks.report;

import io.twinport.benchmarks.ends.Setting;
import io.twinport.benchmarks.ends.Setting.Surroundings;
import io.twinport.benchmarks.ends.Transport;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import javax.imageio.ImageIO;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** How plots are drawn: for a ground that is light or dark, wide or for a phone. */
enum Drawing {
  /** For a desk by day. */
  LIGHT(900, 480, false),
  /** For a desk by night. */
  DARK(900, 480, true),
  /** For a phone by day. */
  SMALL_LIGHT(400, 560, false),
  /** For a phone by night. */
  SMALL_DARK(400, 560, true);

  /** Pixels of a picture for each of the page. */
  private static final int FINE = 2;

  private static final float[] DASHES = {10, 5};
  private static final float[] DOTS = {2, 4};
  private static final float[] DASHES_AND_DOTS = {10, 4, 2, 4};

  private static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 12);

  private final int width;
  private final int height;
  private final boolean dark;

  Drawing(int width, int height, boolean dark) {
    this.width = width;
    this.height = height;
    this.dark = dark;
  }

  /** The plot as a picture that is sharp on fine screens, too. */
  byte[] png(Charts.Chart of) {
    BufferedImage image =
        new BufferedImage(FINE * width, FINE * height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.scale(FINE, FINE);
    chart(of).paint(graphics, width, height);
    graphics.dispose();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", bytes);
    } catch (IOException e) {
      // It goes to memory.
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private XYChart chart(Charts.Chart of) {
    XYChart chart =
        new XYChartBuilder()
            .width(width)
            .height(height)
            .title(of.title())
            .xAxisTitle(of.xTitle())
            .yAxisTitle(of.yTitle())
            .build();
    style(chart);
    chart.setCustomXAxisTickLabelsFormatter(of.xLabel());
    of.lines()
        .forEach(
            (setting, line) ->
                style(
                    chart.addSeries(
                        setting.label(),
                        new ArrayList<>(line.keySet()),
                        new ArrayList<>(line.values())),
                    setting));
    return chart;
  }

  private boolean isSmall() {
    return width < 500;
  }

  private void style(XYChart chart) {
    Color ground = dark ? new Color(0x15171a) : Color.WHITE;
    Color ink = dark ? new Color(0xe6e8eb) : new Color(0x1b1b1f);
    Color grid = dark ? new Color(0x363b42) : new Color(0xd8dbe0);
    var styler = chart.getStyler();
    styler.setBaseFont(FONT);
    styler.setChartTitleFont(FONT.deriveFont(Font.BOLD, isSmall() ? 13f : 15f));
    styler.setAxisTitleFont(FONT);
    styler.setAxisTickLabelsFont(FONT);
    styler.setLegendFont(FONT);
    styler.setChartBackgroundColor(ground);
    styler.setPlotBackgroundColor(ground);
    styler.setChartFontColor(ink);
    styler.setXAxisTitleColor(ink);
    styler.setYAxisTitleColor(ink);
    styler.setAxisTickLabelsColor(ink);
    styler.setAxisTickMarksColor(grid);
    styler.setPlotGridLinesColor(grid);
    styler.setPlotBorderVisible(false);
    styler.setLegendBackgroundColor(ground);
    styler.setLegendBorderColor(ground);
    styler.setLegendPosition(isSmall() ? LegendPosition.OutsideS : LegendPosition.OutsideE);
    styler.setLegendSeriesLineLength(36);
    styler.setYAxisLogarithmic(true);
    chart.setCustomYAxisTickLabelsFormatter(Text::number);
  }

  /** What carries the bytes is a colour and a marker; where both ends run is the kind of line. */
  private void style(XYSeries series, Setting setting) {
    Color color = color(setting.transport());
    series.setLineColor(color);
    series.setMarkerColor(color);
    series.setMarker(marker(setting));
    series.setLineStyle(line(setting));
  }

  /** The palette of Okabe and Ito, which all kinds of eyes can tell apart. */
  private Color color(Transport transport) {
    return switch (transport) {
      case TCP -> new Color(dark ? 0xe69f00 : 0xd55e00);
      case SAN -> new Color(dark ? 0x56b4e9 : 0x0072b2);
      case UNIX -> new Color(0x009e73);
      case RING -> new Color(dark ? 0xb4b9c0 : 0x5b5f66);
    };
  }

  private static Marker marker(Setting setting) {
    if (!setting.options().isEmpty()) {
      return SeriesMarkers.TRIANGLE_DOWN;
    }
    return switch (setting.transport()) {
      case TCP -> SeriesMarkers.CIRCLE;
      case SAN -> SeriesMarkers.SQUARE;
      case UNIX -> SeriesMarkers.TRIANGLE_UP;
      case RING -> SeriesMarkers.DIAMOND;
    };
  }

  private static BasicStroke line(Setting setting) {
    float[] dashes =
        setting.surroundings() == Surroundings.CALM
            ? switch (setting.pin()) {
              case NONE -> null;
              case ONE -> DASHES;
              case TWO -> DOTS;
            }
            : DASHES_AND_DOTS;
    return new BasicStroke(2, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, dashes, 0);
  }
}
