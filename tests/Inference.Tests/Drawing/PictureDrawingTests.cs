using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Eval.Masks;
using Serve.Inference.Detection;
using Serve.Inference.Drawing;
using Serve.Inference.Pictures;
using Serve.Inference.Tests.Pictures;

namespace Serve.Inference.Tests.Drawing;

public sealed class PictureDrawingTests
{
    private static readonly Picture Grey = TestPictures.Plain(200, 160, 128, 128, 128);

    private static readonly (byte, byte, byte) Untouched = (128, 128, 128);

    [Fact]
    public void A_box_is_outlined_in_its_categorys_colour_and_nothing_else_is_touched()
    {
        var drawn = PictureDrawing.Draw(Grey, [Object("cat", 50, 60, 150, 140)]);

        var colour = Rgb("cat");
        Assert.Equal(colour, drawn.At(50, 60));
        Assert.Equal(colour, drawn.At(149, 139));
        Assert.Equal(colour, drawn.At(100, 139));
        Assert.Equal(colour, drawn.At(149, 100));
        Assert.Equal(Untouched, drawn.At(100, 100));
        Assert.Equal(Untouched, drawn.At(150, 100));
        Assert.Equal(Untouched, drawn.At(100, 140));
        Assert.Equal(Untouched, drawn.At(49, 100));
        Assert.Equal(Untouched, drawn.At(10, 10));
        Assert.All(Grey.Pixels, value => Assert.Equal(128, value));
    }

    [Fact]
    public void A_label_stands_on_the_box_in_a_readable_colour()
    {
        var drawn = PictureDrawing.Draw(Grey, [Object("cat", 50, 60, 150, 140)]);

        Assert.Equal(Rgb("cat"), drawn.At(51, 58));
        var readable = CategoryColour.Of("cat").Readable;
        var written = Enumerable.Range(40, 20).SelectMany(y => Enumerable.Range(50, 80), (y, x) => drawn.At(x, y))
            .Count(pixel => pixel == (readable.Red, readable.Green, readable.Blue));
        Assert.InRange(written, 25, 400);
    }

    [Theory]
    [InlineData(0, 0, 20, 20)]
    [InlineData(190, 0, 200, 20)]
    [InlineData(190, 150, 200, 160)]
    [InlineData(0, 3, 200, 160)]
    [InlineData(-50, -50, 500, 500)]
    [InlineData(30, 30, 30, 30)]
    public void A_label_stays_on_the_picture(double x1, double y1, double x2, double y2)
    {
        var inMiddle = Labelled(PictureDrawing.Draw(Grey, [Object("dog", 40, 80, 41, 81)]));

        var atEdge = Labelled(PictureDrawing.Draw(Grey, [Object("dog", x1, y1, x2, y2)]));

        // All of the text is there: as many pixels in the colour of letters.
        Assert.Equal(inMiddle, atEdge);

        static int Labelled(Picture picture)
        {
            var readable = CategoryColour.Of("dog").Readable;
            return Enumerable.Range(0, picture.Width * picture.Height).Count(i => picture.At(i % picture.Width, i / picture.Width) == (readable.Red, readable.Green, readable.Blue));
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 400)]
    [InlineData(400, 3)]
    public void A_picture_too_small_for_the_label_is_drawn_all_the_same(int width, int height)
    {
        var drawn = PictureDrawing.Draw(TestPictures.Plain(width, height, 0, 0, 0), [Object("a long name of a category", 0, 0, width, height)]);

        Assert.Equal((width, height), (drawn.Width, drawn.Height));
    }

    [Fact]
    public void Lines_and_letters_grow_with_the_picture()
    {
        var large = PictureDrawing.Draw(TestPictures.Plain(2000, 1600, 128, 128, 128), [Object("cat", 500, 600, 1500, 1400)]);

        // A line of 7 pixels: 1/250 of the mean of the sides.
        Assert.Equal(Rgb("cat"), large.At(506, 1000));
        Assert.Equal(Untouched, large.At(507, 1000));
        Assert.Equal(Rgb("cat"), large.At(501, 560));
    }

    [Fact]
    public void The_best_score_lies_on_top()
    {
        var drawn = PictureDrawing.Draw(Grey, [Object("cat", 50, 60, 150, 140, score: 0.9f), Object("dog", 50, 60, 150, 140, score: 0.5f)]);

        Assert.Equal(Rgb("cat"), drawn.At(100, 139));
    }

    [Theory]
    [InlineData("<script>&\"'")]
    [InlineData("Käfer 甲虫 🐞")]
    [InlineData("")]
    [InlineData("tab\tand\nline")]
    public void Any_name_can_be_written(string name)
    {
        var encoded = PictureDrawing.Draw(Grey, [Object(name, 50, 60, 150, 140)], "image/png");

        Assert.Equal(Rgb(name), PictureDecoder.Decode(encoded, TestPictures.Limits).At(100, 139));
    }

    [Theory]
    [InlineData("image/jpeg")]
    [InlineData("image/png")]
    [InlineData("image/webp")]
    public void The_drawn_picture_is_encoded_as_asked_for(string mediaType)
    {
        var decoded = PictureDecoder.Decode(PictureDrawing.Draw(Grey, [Object("cat", 50, 60, 150, 140)], mediaType), TestPictures.Limits);

        Assert.InRange(TestPictures.Difference(PictureDrawing.Draw(Grey, [Object("cat", 50, 60, 150, 140)]), decoded).Mean, 0, 4);
    }

    [Fact]
    public void Another_media_type_is_refused()
        => Assert.Throws<InvalidInputException>(() => PictureDrawing.Draw(Grey, [], "image/gif"));

    [Fact]
    public void Colours_depend_on_the_name_alone_and_differ()
    {
        string[] names = ["person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat", "cat", "dog", "RBC", "WBC", "Platelets"];

        var colours = names.Select(CategoryColour.Of).ToArray();

        // Pinned: users learn colours, so a change would be a change of behaviour.
        Assert.Equal(new Colour(191, 10, 32), colours[0]);
        Assert.Equal(new Colour(191, 10, 191), colours[^1]);
        Assert.InRange(colours.Distinct().Count(), names.Length - 2, names.Length);
    }

    [Fact]
    public void A_mask_is_tinted_inside_and_drawn_in_full_at_its_edge()
    {
        var mask = new RunLengths();
        // Columns 60 to 99, rows 50 to 109 of 200 x 160.
        Assert.True(mask.TrySet([(60 * 160) + 50, .. Enumerable.Range(0, 79).Select(i => i % 2 == 0 ? 60u : 100u)], 160, 200));

        var drawn = PictureDrawing.Draw(Grey, [Object("cat", 20, 30, 150, 140) with { Mask = mask }]);

        var colour = CategoryColour.Of("cat");
        Assert.Equal(Rgb("cat"), drawn.At(60, 80));
        Assert.Equal(Rgb("cat"), drawn.At(99, 80));
        Assert.Equal(Rgb("cat"), drawn.At(80, 109));
        Assert.Equal(((byte)Math.Round(128 + 0.4 * (colour.Red - 128)), (byte)Math.Round(128 + 0.4 * (colour.Green - 128)), (byte)Math.Round(128 + 0.4 * (colour.Blue - 128))), drawn.At(80, 80));
        Assert.Equal(Untouched, drawn.At(59, 80));
        Assert.Equal(Untouched, drawn.At(80, 110));
    }

    [Fact]
    public void Keypoints_are_drawn_where_they_are_seen_and_a_persons_are_joined()
    {
        var points = Enumerable.Range(0, 17).Select(i => new Keypoint(60 + 5 * (i % 4), 70 + 10 * (i / 4), i < 7 ? 0.9f : 0.1f)).ToArray();

        var drawn = PictureDrawing.Draw(Grey, [Object("cat", 50, 60, 150, 140) with { Keypoints = points }]);
        var five = PictureDrawing.Draw(Grey, [Object("cat", 50, 60, 150, 140) with { Keypoints = [new Keypoint(100, 100, null), new Keypoint(120, 100, null)] }]);

        Assert.Equal(Rgb("cat"), drawn.At(65, 80));
        Assert.Equal(Untouched, drawn.At(60, 110));
        Assert.Equal(Rgb("cat"), five.At(100, 100));
        Assert.Equal(Untouched, five.At(110, 100));
        Assert.Equal([(5, 6)], Skeleton.Of(17).Where(line => line == (5, 6)));
        Assert.Empty(Skeleton.Of(5));
    }

    [Fact]
    public void A_mask_of_another_size_than_the_picture_is_left_aside()
    {
        var mask = new RunLengths();
        Assert.True(mask.TrySet([0, 12], 3, 4));

        var drawn = PictureDrawing.Draw(Grey, [Object("cat", 20, 30, 150, 140) with { Mask = mask }]);

        Assert.Equal(PictureDrawing.Draw(Grey, [Object("cat", 20, 30, 150, 140)]).Pixels, drawn.Pixels);
    }

    [Fact]
    public void Labels_of_crowded_boxes_do_not_lie_on_each_other()
    {
        var placement = new LabelPlacement(400, 300);
        var box = new PixelRectangle(100, 100, 120, 80);

        var places = Enumerable.Range(0, 5).Select(_ => placement.Place(box, 60, 14)).ToList();

        Assert.Equal(new PixelRectangle(100, 86, 60, 14), places[0]);
        for (var i = 0; i < places.Count; i++)
        {
            Assert.InRange(places[i].Left, 0, 400 - 60);
            Assert.InRange(places[i].Top, 0, 300 - 14);
            for (var j = 0; j < i; j++)
                Assert.Equal(0, places[i].Shared(places[j]));
        }
    }

    [Fact]
    public void A_name_wider_than_the_picture_is_cut_and_its_score_stays()
    {
        var one = PictureDrawing.Draw(Grey, [Object(new string('m', 80), 10, 60, 150, 140, 0.66f)]);
        var other = PictureDrawing.Draw(Grey, [Object(new string('m', 80), 10, 60, 150, 140, 0.99f)]);

        // The labels differ, and in the picture's right half: there the score stands.
        var differ = Enumerable.Range(0, Grey.Width * Grey.Height).Where(i => one.At(i % Grey.Width, i / Grey.Width) != other.At(i % Grey.Width, i / Grey.Width)).ToList();
        Assert.NotEmpty(differ);
        Assert.All(differ, i => Assert.True(i % Grey.Width > Grey.Width / 2));
    }

    [Fact]
    public void Letters_have_enough_contrast_on_every_colour()
    {
        var colours = Enumerable.Range(0, 2000).Select(i => CategoryColour.Of($"category {i}")).Distinct().ToList();

        Assert.True(colours.Count > 100);
        Assert.All(colours, colour => Assert.True(colour.ContrastTo(colour.Readable) >= 4.5, $"{colour}"));
        Assert.Equal(21, Colour.Black.ContrastTo(Colour.White), 3);
    }

    [Fact]
    public void Every_printable_character_has_its_own_shape()
    {
        var shapes = Enumerable.Range('!', '~' - '!' + 1).Select(code => string.Join(";", StrokeFont.Strokes(((char)code).ToString()))).ToList();

        // Capital O and zero look alike, as in many fonts; so do no others.
        Assert.Equal(shapes.Count - 1, shapes.Distinct().Count());
        Assert.Equal(StrokeFont.Strokes("?"), StrokeFont.Strokes("ß"));
        Assert.Empty(StrokeFont.Strokes(" "));
        Assert.All(Enumerable.Range('!', '~' - '!' + 1), code => Assert.All(
            StrokeFont.Strokes(((char)code).ToString()),
            stroke => Assert.True(Math.Max(stroke.Y1, stroke.Y2) <= StrokeFont.Height && Math.Max(stroke.X1, stroke.X2) <= 4)));
    }

    private static (byte, byte, byte) Rgb(string name)
    {
        var colour = CategoryColour.Of(name);
        return (colour.Red, colour.Green, colour.Blue);
    }

    private static DetectedObject Object(string name, double x1, double y1, double x2, double y2, float score = 0.87f)
        => new(new Category(1, name), score, new Box(x1, y1, x2, y2));
}
