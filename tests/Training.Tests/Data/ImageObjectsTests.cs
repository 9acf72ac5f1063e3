using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Training.Data;

namespace Serve.Training.Tests.Data;

public class ImageObjectsTests
{
    private static readonly ImageEntry Image = new(1, "a.png", 64, 64);
    private static readonly Augmentation Canvas = Augmentation.None(64, 64) with { MinVisible = 0.25 };

    [Fact]
    public void Group_gives_labels_by_position_in_the_category_list_and_keeps_images_without_objects()
    {
        var empty = new ImageEntry(2, "b.png", 64, 64);
        var dataset = TestScenes.Dataset(
            [empty, Image],
            [
                TestScenes.Truth(Image, new(1, 2, 3, 4), category: 7),
                TestScenes.Truth(Image, new(5, 6, 8, 9), category: 10),
                TestScenes.Truth(Image, new(0, 0, 9, 9), category: 10, crowd: true),
            ]);

        var groups = new DatasetObjects(dataset);

        Assert.Empty(groups[0].Boxes);
        Assert.Equal([new Box(1, 2, 3, 4), new Box(5, 6, 8, 9)], groups[1].Boxes);
        Assert.Equal([1, 0], groups[1].Labels);
        Assert.Equal([new Box(0, 0, 9, 9)], groups[1].Crowds);
    }

    [Fact]
    public void Group_refuses_an_object_of_an_unknown_category_or_image()
    {
        var category = Assert.Throws<InvalidInputException>(() => new DatasetObjects(TestScenes.Dataset([Image], [TestScenes.Truth(Image, default, 3)])));
        var image = Assert.Throws<InvalidInputException>(() => new DatasetObjects(TestScenes.Dataset([], [TestScenes.Truth(Image, default)])));

        Assert.Equal("annotation 10 refers to category 3, which the dataset does not list.", category.Message);
        Assert.Equal("annotation 10 refers to image 1, which the dataset does not list.", image.Message);
    }

    [Theory]
    [InlineData(-10, 0, true)]  // 30 of 40 columns are left
    [InlineData(-30, 0, true)]  // exactly a quarter
    [InlineData(-31, 0, false)]
    [InlineData(0, 44, true)]   // half
    [InlineData(34, 52, false)] // 30 of 40 columns, 12 of 40 rows
    [InlineData(-60, 0, false)] // nothing
    public void An_object_is_kept_when_enough_of_it_is_seen(int offsetX, int offsetY, bool kept)
    {
        var objects = new ImageObjects([new Box(0, 0, 40, 40)], [1], []);

        var placed = objects.Place(Image, new(64, 64, offsetX, offsetY, false, false), Canvas);

        Assert.Equal(kept ? 1 : 0, placed.Boxes.Count);
        Assert.Equal(placed.Boxes.Count, placed.Labels.Count);
    }

    [Fact]
    public void A_kept_object_is_clipped_to_what_is_seen()
    {
        var objects = new ImageObjects([new Box(-5, 20, 40, 60)], [0], []);

        var placed = objects.Place(Image, new(64, 64, -10, 16, false, false), Canvas);

        Assert.Equal([new Box(0, 36, 30, 64)], placed.Boxes);
    }

    [Theory]
    [InlineData(10, 10, 10, 30)]   // no width, as two boxes of BCCD
    [InlineData(10, 10, 30, 10.9)] // thinner than a pixel
    [InlineData(70, 10, 90, 30)]   // outside of the image
    public void A_box_without_a_pixel_is_dropped(double x1, double y1, double x2, double y2)
    {
        var objects = new ImageObjects([new Box(x1, y1, x2, y2)], [0], [new Box(x1, y1, x2, y2)]);

        var placed = objects.Place(Image, new(64, 64, 0, 0, false, false), Canvas);

        Assert.Empty(placed.Boxes);
        Assert.Empty(placed.Crowds);
    }

    [Fact]
    public void The_least_visible_part_of_a_crowd_is_kept()
    {
        var objects = new ImageObjects([], [], [new Box(0, 0, 40, 40)]);

        var placed = objects.Place(Image, new(64, 64, -38, 0, false, false), Canvas);

        Assert.Equal([new Box(0, 0, 2, 40)], placed.Crowds);
    }
}
