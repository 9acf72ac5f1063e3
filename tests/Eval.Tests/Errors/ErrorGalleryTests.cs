using Serve.Eval.Errors;

namespace Serve.Eval.Tests.Errors;

public class ErrorGalleryTests
{
    private const long Cat = Scene.Cat;
    private const long Dog = Scene.Dog;

    // Image 1: a cat found, a dog taken for a cat, a cat missed, a crowd with a cat on it. Image 2: a dog found, two false dogs. Image 3: a dog found, at the lowest score.
    private static readonly Scene Several = new Scene()
        .Object(Cat, 0).Object(Dog, 200).Object(Cat, 400).Object(Cat, 1000, width: 500, crowd: true)
        .Object(Dog, 0, image: 2).Object(Dog, 0, image: 3)
        .Detection(Cat, 0, 0.9).Detection(Cat, 200, 0.8).Detection(Cat, 1000, 0.75, width: 400)
        .Detection(Dog, 0, 0.6, image: 2).Detection(Dog, 300, 0.7, image: 2).Detection(Dog, 600, 0.65, image: 2).Detection(Dog, 0, 0.1, image: 3);

    [Fact]
    public void Verdicts_are_those_of_the_confusion_matrix()
    {
        var (scene, gallery) = (Several, Gallery(Several));
        var confusion = scene.Report().Confusion;

        var images = gallery.Find(GalleryKind.Worst, null, 0, 10).Images;

        Assert.Equal(confusion.ScoreThreshold, gallery.ScoreThreshold);
        var detections = images.SelectMany(image => image.Detections).ToList();
        var objects = images.SelectMany(image => image.Objects).ToList();
        Assert.Equal(confusion.Cells.Where(cell => cell.Truth == 2).Sum(cell => cell.Count), detections.Count(detection => detection.Verdict is Verdict.False));
        Assert.Equal(confusion.Cells.Where(cell => cell.Detected == 2).Sum(cell => cell.Count), objects.Count(item => item.Verdict is Verdict.Missed));
        Assert.Equal(confusion.Count(1, 0), objects.Count(item => item.Verdict is Verdict.Confused));
        // Image 3 is all right: it is none of them.
        Assert.Equal(confusion.Count(0, 0) + confusion.Count(1, 1) - 1, detections.Count(detection => detection.Verdict is Verdict.Matched));
    }

    [Fact]
    public void An_image_has_what_became_of_each_object_and_detection()
    {
        var image = Gallery(Several).Find(GalleryKind.Confused, null, 0, 10).Images.Single();

        Assert.Equal((1, "a.jpg"), (image.Image.Id, image.Image.FileName));
        Assert.Equal([new(0, Verdict.Matched, 0), new(1, Verdict.Confused, 1), new(2, Verdict.Missed, null), new(3, Verdict.Ignored, null)], image.Objects);
        Assert.Equal([new(0, Verdict.Matched, 0), new(1, Verdict.Confused, 1), new(2, Verdict.Ignored, null)], image.Detections);
        Assert.Equal((1, 1, 2), (image.Errors.TruePositives, image.Errors.FalsePositives, image.Errors.FalseNegatives));
    }

    [Theory]
    [InlineData(GalleryKind.Worst, null, new long[] { 1, 2 })]
    [InlineData(GalleryKind.Worst, Cat, new long[] { 1 })]
    [InlineData(GalleryKind.Missed, null, new long[] { 1 })]
    [InlineData(GalleryKind.Missed, Dog, new long[0])]
    [InlineData(GalleryKind.False, null, new long[] { 2 })]
    [InlineData(GalleryKind.False, Cat, new long[0])]
    [InlineData(GalleryKind.Confused, Dog, new long[] { 1 })]
    public void Images_are_chosen_and_ordered_by_kind_and_category(GalleryKind kind, long? category, long[] expected)
    {
        var (images, total) = Gallery(Several).Find(kind, category, 0, 10);

        Assert.Equal(expected, images.Select(image => image.Image.Id));
        Assert.Equal(expected.Length, total);
    }

    [Fact]
    public void The_worst_images_are_those_of_the_report_and_come_in_pages()
    {
        var gallery = Gallery(Several);
        var worst = Several.Report().Worst;

        var second = gallery.Find(GalleryKind.Worst, null, 1, 1);

        Assert.Equal(worst, gallery.Find(GalleryKind.Worst, null, 0, 10).Images.Select(image => image.Errors));
        Assert.Equal((worst[1], worst.Count), (second.Images.Single().Errors, second.Total));
        Assert.Empty(gallery.Find(GalleryKind.Worst, null, 5, 10).Images);
    }

    [Fact]
    public void Without_objects_or_detections_there_is_nothing_to_see()
    {
        foreach (var kind in Enum.GetValues<GalleryKind>())
            Assert.Equal(0, Gallery(new()).Find(kind, null, 0, 10).Total);
    }

    private static ErrorGallery Gallery(Scene scene) => ErrorGallery.Of(scene.Dataset, scene.Detections, scene.Protocol, threads: 1, TestContext.Current.CancellationToken);
}
