using Serve.Eval.Reports.Charts;
using Serve.Inference.Drawing;
using Serve.Inference.Pictures;
using Serve.Inference.Tests.Pictures;

namespace Serve.Inference.Tests.Drawing;

public class FigureDrawingTests
{
    [Fact]
    public void Rectangles_and_texts_are_drawn_at_the_scale_asked_for()
    {
        var figure = new Figure(60, 30, "a figure",
        [
            new FigureRectangle(0, 0, 60, 30, 0xffffff),
            new FigureRectangle(10, 5, 20, 10, 0x1d4e89),
            new FigureText(60, 28, "I", 12, TextAnchor.Right, 0x000000),
        ]);

        var picture = PictureDecoder.Decode(FigureDrawing.ToPng(figure, scale: 2), new PictureLimits());

        Assert.Equal((120, 60), (picture.Width, picture.Height));
        Assert.Equal(((byte)0x1d, (byte)0x4e, (byte)0x89), picture.At(20, 10));
        Assert.Equal(((byte)0x1d, (byte)0x4e, (byte)0x89), picture.At(59, 29));
        Assert.Equal(((byte)255, (byte)255, (byte)255), picture.At(60, 30));
        Assert.Contains(Enumerable.Range(100, 20), x => picture.At(x, 50).Red < 40);
        Assert.All(Enumerable.Range(0, 90), x => Assert.Equal(((byte)255, (byte)255, (byte)255), picture.At(x, 50)));
    }
}
