using Serve.Eval.Datasets;
using Serve.Eval.Formats;

namespace Serve.Eval.Tests.Formats;

public class VocSourceTests
{
    private const string TwoObjects = """
        <annotation>
          <folder>JPEGImages</folder>
          <filename>b.jpg</filename>
          <size><width>500</width><height>281</height><depth>3</depth></size>
          <object>
            <name>person</name><truncated>1</truncated><difficult>1</difficult>
            <bndbox><xmin>104</xmin><ymin>78.5</ymin><xmax>375</xmax><ymax>183</ymax></bndbox>
            <part><name>head</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4</ymax></bndbox></part>
          </object>
          <object><name>bird</name><bndbox><xmax>20</xmax><xmin>10</xmin><ymax>40</ymax><ymin>30</ymin></bndbox></object>
        </annotation>
        """;

    private const string NoObject = "<annotation><filename>a.jpg</filename><size><width>10</width><height>20</height></size></annotation>";

    [Fact]
    public async Task Corners_become_boxes_as_they_stand_and_difficult_objects_are_ignored()
    {
        using var folder = TestFiles.NewFolder();
        folder.Write("Annotations/a.xml", NoObject);
        folder.Write("Annotations/b.xml", TwoObjects);

        var split = await SourceTrial.ReadAsync(folder.Path, "all");

        Assert.Equal([new ImageEntry(1, "a.jpg", 10, 20), new ImageEntry(2, "b.jpg", 500, 281)], split.Dataset.Images);
        Assert.Equal(
            [new GroundTruth(1, 2, 15, 104, 78.5, 271, 104.5, 271 * 104.5, false) { IsIgnored = true }, new GroundTruth(2, 2, 3, 10, 30, 10, 10, 100, false)],
            split.Dataset.GroundTruths);
        Assert.Equal("person", split.Dataset.Categories[14].Name);
        Assert.Equal(20, split.Dataset.Categories.Count);
    }

    [Fact]
    public async Task Lists_make_splits_and_ids_are_the_same_in_each()
    {
        using var folder = TestFiles.NewFolder();
        folder.Write("Annotations/a.xml", NoObject);
        folder.Write("Annotations/b.xml", TwoObjects);
        folder.Write("Annotations/c.xml", TwoObjects);
        folder.Write("ImageSets/Main/train.txt", "a\nc\n");
        folder.Write("ImageSets/Main/val.txt", "b\n");
        folder.Write("ImageSets/Main/trainval.txt", "a\nb\nc\n");
        folder.Write("ImageSets/Main/person_train.txt", "a -1\nc  1\n");
        folder.Write("JPEGImages/b.jpg", "500x281");

        var source = DatasetSources.Open(folder.Path, null, SourceTrial.Options);
        var train = await source.ReadAsync("train", null, TestContext.Current.CancellationToken);
        var val = await source.ReadAsync("val", null, TestContext.Current.CancellationToken);

        Assert.Equal(["train", "trainval", "val"], source.Splits);
        Assert.Equal(["train", "val"], source.DistinctSplits);
        Assert.Equal([1, 3], train.Dataset.Images.Select(image => image.Id));
        Assert.Equal([3, 4], train.Dataset.GroundTruths.Select(found => found.Id));
        Assert.Equal([2], val.Dataset.Images.Select(image => image.Id));
        Assert.Equal([1, 2], val.Dataset.GroundTruths.Select(found => found.Id));
        Assert.Equal(train.Dataset.ContentHash, val.Dataset.ContentHash);
        Assert.Equal(folder.File("JPEGImages/b.jpg"), val.Pictures.PathOf(val.Dataset.Images[0]));
    }

    [Fact]
    public async Task Categories_follow_classes_txt_and_else_their_names()
    {
        using var folder = TestFiles.NewFolder();
        folder.Write("a.xml", "<annotation><object><name>wbc</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></object></annotation>");
        folder.Write("b.xml", TwoObjects);

        var sorted = await SourceTrial.ReadAsync(folder.Path, "all");
        folder.Write("classes.txt", "wbc\nperson\n");
        var listed = await SourceTrial.ReadAsync(folder.Path, "all");

        Assert.Equal(["bird", "person", "wbc"], sorted.Dataset.Categories.Select(category => category.Name));
        Assert.Equal(["wbc", "person", "bird"], listed.Dataset.Categories.Select(category => category.Name));
        Assert.Equal([1L, 2, 3], listed.Dataset.Categories.Select(category => category.Id));
    }

    [Fact]
    public async Task A_size_that_is_missing_is_read_from_the_picture_whose_name_may_lack()
    {
        using var folder = TestFiles.NewFolder();
        folder.Write("Annotations/a.xml", "<annotation/>");
        folder.Write("images/a.png", "31x17");

        var split = await SourceTrial.ReadAsync(folder.Path, "all");

        Assert.Equal(new ImageEntry(1, "a.png", 31, 17), Assert.Single(split.Dataset.Images));
    }

    [Fact]
    public async Task Every_fault_is_collected_and_the_rest_is_read()
    {
        using var folder = TestFiles.NewFolder();
        folder.Write("Annotations/a.xml", "<annotation><object><name>bird</name></object><object><bndbox/></object><size><width>wide</width><height>2.5</height></size></annotation>");
        folder.Write("Annotations/b.xml", """
            <annotation><object><name>bird</name><difficult>yes</difficult><bndbox><xmin>NaN</xmin><ymin>up</ymin><xmax>3</xmax></bndbox></object>
            <object><name>bird</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>5</xmax><ymax>5</ymax></bndbox></object></annotation>
            """);
        folder.Write("Annotations/c.xml", "<annotation>");
        folder.Write("Annotations/d.xml", "<!DOCTYPE annotation [<!ENTITY e SYSTEM \"file:///etc/hostname\">]><annotation>&e;</annotation>");
        folder.Write("Annotations/e.xml", "<book/>");
        folder.Write("ImageSets/Main/train.txt", "a\nb\nc\nd\ne\nf\n");

        var (split, faults) = await SourceTrial.CollectAsync(folder.Path, "train");

        Assert.Equal(
            [
                "Annotations/a.xml: object 1: \"bndbox\" is missing; it must hold xmin, ymin, xmax and ymax",
                "Annotations/a.xml: object 2: \"name\" is missing; it must be the name of a category",
                "Annotations/b.xml: object 1: \"ymax\" is missing; it must be a number of pixels",
                "Annotations/a.xml: size: \"width\" is \"wide\"; it must be a whole number of pixels",
                "Annotations/a.xml: size: \"height\" is \"2.5\"; it must be a whole number of pixels",
                "Annotations/b.xml: object 1: \"ymin\" is \"up\"; it must be a finite number of pixels",
                "Annotations/b.xml: object 1: \"difficult\" is \"yes\"; it must be 0 or 1",
                "Annotations/b.xml: object 1: \"xmin\" is \"NaN\"; it must be a finite number of pixels",
                "Annotations/c.xml: line 1: is not valid XML: Unexpected end of file has occurred. The following elements are not closed: annotation",
                "Annotations/d.xml: is not valid XML: it has a document type definition, which is refused",
                "Annotations/e.xml: has the root element <book>; it must be <annotation>",
                "ImageSets/Main/train.txt: line 3: names \"c\"; there is no usable Annotations/c.xml",
                "ImageSets/Main/train.txt: line 4: names \"d\"; there is no usable Annotations/d.xml",
                "ImageSets/Main/train.txt: line 5: names \"e\"; there is no usable Annotations/e.xml",
                "ImageSets/Main/train.txt: line 6: names \"f\"; there is no usable Annotations/f.xml",
            ],
            faults);
        Assert.Equal(2, split.Dataset.Images.Count);
        Assert.Equal(new Box(1, 1, 5, 5), Assert.Single(split.Dataset.GroundTruths).Box);
    }

    [Fact]
    public async Task Read_for_use_the_first_fault_of_the_split_is_refused_with_its_path()
    {
        using var folder = TestFiles.NewFolder();
        folder.Write("Annotations/a.xml", "<annotation><object><name>bird</name></object></annotation>");
        folder.Write("Annotations/b.xml", TwoObjects);
        folder.Write("ImageSets/Main/train.txt", "a\n");
        folder.Write("ImageSets/Main/val.txt", "b\n");

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => SourceTrial.ReadAsync(folder.Path, "train"));
        var val = await SourceTrial.ReadAsync(folder.Path, "val");
        var missing = await Assert.ThrowsAsync<InvalidInputException>(() => SourceTrial.ReadAsync(folder.Path, "test"));

        Assert.Equal($"{folder.File("Annotations/a.xml")}: object 1: \"bndbox\" is missing; it must hold xmin, ymin, xmax and ymax.", refused.Message);
        Assert.Equal(2, val.Dataset.GroundTruths.Count);
        Assert.Equal($"{folder.Path}: there is no split \"test\"; there are train, val.", missing.Message);
    }

    [Theory]
    [InlineData("train")]
    [InlineData("val")]
    [InlineData("test")]
    public async Task Real_blood_cells_equal_their_coco_file(string name)
        => await AssertEqualsCocoAsync("data/bccd", $"instances_{name}.json", name);

    [Fact]
    public async Task Real_photographs_equal_their_coco_file_difficult_objects_too()
    {
        var split = await AssertEqualsCocoAsync("data/voc2012-100", "instances.json", "all");

        Assert.Equal(38, split.Dataset.GroundTruths.Count(found => found.IsIgnored));
    }

    // The JSON was made of the same XML: same ids, same boxes to the last bit. Categories have ids of their own in each.
    private static async Task<DatasetSplit> AssertEqualsCocoAsync(string path, string file, string name)
    {
        var expected = await SourceTrial.ReadAsync(TestFiles.Shared($"{path}/annotations/{file}"), name);
        var split = await SourceTrial.ReadAsync(TestFiles.Shared($"{path}/voc"), name);

        Assert.Equal(expected.Dataset.Images, split.Dataset.Images);
        Assert.Equal(Named(expected.Dataset), Named(split.Dataset));
        Assert.All(split.Dataset.Images, image => Assert.NotNull(split.Pictures.PathOf(image)));
        return split;
    }

    private static IEnumerable<(string, GroundTruth)> Named(Dataset dataset)
        => dataset.GroundTruths.Select(found => (dataset.Categories.Single(category => category.Id == found.CategoryId).Name, found with { CategoryId = 0 }));
}
