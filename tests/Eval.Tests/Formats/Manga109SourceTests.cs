using Serve.Eval.Checks;
using Serve.Eval.Datasets;
using Serve.Eval.Formats;

namespace Serve.Eval.Tests.Formats;

public class Manga109SourceTests
{
    private const string Book = """
        <?xml version="1.0" encoding="UTF-8"?>
        <book title="a book">
          <characters><character id="00000003" name="someone"/></characters>
          <pages>
            <page index="0" width="1654" height="1170"/>
            <page index="3" width="1654" height="1170">
              <frame id="0001a2b3" xmin="100" ymin="200" xmax="400" ymax="600"/>
              <text id="ffffffffff" xmin="0" ymin="0" xmax="10" ymax="20">words</text>
              <face id="00000004" xmin="150" ymin="250" xmax="200" ymax="300" character="00000003"/>
              <body id="00000005" xmin="150" ymin="250" xmax="250" ymax="550" character="00000003"/>
            </page>
          </pages>
        </book>
        """;

    private const string EmptyBook = "<book><pages><page index=\"0\" width=\"8\" height=\"6\"/></pages></book>";

    [Fact]
    public async Task Pages_become_images_and_hexadecimal_ids_stay()
    {
        using var folder = TestFiles.NewFolder();
        folder.Write("annotations/Akuhamu.xml", Book);
        folder.Write("images/Akuhamu/003.jpg", "1654x1170");

        var split = await SourceTrial.ReadAsync(folder.Path, "15test");

        Assert.Equal([new ImageEntry(0, "Akuhamu/000.jpg", 1654, 1170), new ImageEntry(1, "Akuhamu/003.jpg", 1654, 1170)], split.Dataset.Images);
        Assert.Equal(
            [
                new GroundTruth(0x1a2b3, 1, 3, 100, 200, 300, 400, 120_000, false),
                new GroundTruth(0xffffffffff, 1, 4, 0, 0, 10, 20, 200, false),
                new GroundTruth(4, 1, 2, 150, 250, 50, 50, 2500, false),
                new GroundTruth(5, 1, 1, 150, 250, 100, 300, 30_000, false),
            ],
            split.Dataset.GroundTruths);
        Assert.Equal(
            [new Category(1, "body", "character"), new Category(2, "face", "character"), new Category(3, "frame", "art"), new Category(4, "text", "text")],
            split.Dataset.Categories);
        Assert.Equal(folder.File("images/Akuhamu/003.jpg"), split.Pictures.PathOf(split.Dataset.Images[1]));
    }

    [Fact]
    public async Task Books_are_in_the_splits_of_the_benchmark_in_the_order_of_the_list_and_the_last_version_counts()
    {
        using var folder = TestFiles.NewFolder();
        folder.Write("annotations.v2018.05.31/Akuhamu.xml", Book);
        foreach (var book in (string[])["Akuhamu", "YumeiroCooking", "That'sIzumiko", "ARMS", "AkkeraKanjinchou"])
            folder.Write($"annotations.v2020.12.18/{book}.xml", EmptyBook);
        folder.Write("books.txt", "AkkeraKanjinchou\nAkuhamu\nARMS\nThat'sIzumiko\nYumeiroCooking\nNotThere\n");

        var source = DatasetSources.Open(folder.Path, null, SourceTrial.Options);
        var train = await source.ReadAsync("2train", null, TestContext.Current.CancellationToken);
        var test = await source.ReadAsync("15test", null, TestContext.Current.CancellationToken);

        Assert.Equal(["2train", "4val", "15test"], source.Splits);
        Assert.True(source.DropsEmptyImages);
        Assert.Equal(["AkkeraKanjinchou/000.jpg", "ARMS/000.jpg"], train.Dataset.Images.Select(image => image.FileName));
        Assert.Equal(["Akuhamu/000.jpg", "YumeiroCooking/000.jpg"], test.Dataset.Images.Select(image => image.FileName));
    }

    [Fact]
    public void Books_of_the_benchmark_that_are_missing_are_told()
    {
        using var folder = TestFiles.NewFolder();
        foreach (var book in (string[])["HealingPlanet", "LoveHina_vol14", "SeisinkiVulnus", "Akuhamu"])
            folder.Write($"annotations/{book}.xml", EmptyBook);
        var faults = new FaultCollector();

        DatasetSources.Open(folder.Path, null, SourceTrial.Options).CheckWhole(faults);

        var finding = Assert.Single(faults.Findings);
        Assert.Equal(FaultKinds.MissingBooks, finding.Kind);
        Assert.Equal("lacks 1 of the 4 books of 4val: That'sIzumiko", finding.Examples[0].Text);
        Assert.Contains("lacks 14 of the 15 books of 15test: BakuretsuKungFuGirl, DollGun, ", finding.Examples[1].Text);
        Assert.Equal("holds 0 books for training; Manga109-s has 68", finding.Examples[2].Text);
    }

    [Fact]
    public async Task Every_fault_is_collected_and_the_rest_is_read()
    {
        using var folder = TestFiles.NewFolder();
        folder.Write("annotations/Akuhamu.xml", """
            <book><pages>
              <page width="8" height="6"/>
              <page index="1" width="8" height="tall">
                <face id="xyz" xmin="1" ymin="1" xmax="2" ymax="2"/>
                <face xmin="1" ymin="1" xmax="2" ymax="2"/>
                <hand id="01" xmin="1" ymin="1" xmax="2" ymax="2"/>
                <text id="02" xmin="1.5" ymin="1" xmax="2"/>
                <text id="03" xmin="1" ymin="1" xmax="2" ymax="2"/>
              </page>
            </pages></book>
            """);

        var (split, faults) = await SourceTrial.CollectAsync(folder.Path, "15test");

        Assert.Equal(
            [
                "annotations/Akuhamu.xml: page ?: \"index\" is missing; it must be a whole number",
                "annotations/Akuhamu.xml: page 1, text 02: \"ymax\" is missing; it must be a whole number of pixels",
                "annotations/Akuhamu.xml: page 1: \"height\" is \"tall\"; it must be a whole number of pixels",
                "annotations/Akuhamu.xml: page 1, face xyz: \"id\" is \"xyz\"; it must be a hexadecimal number",
                "annotations/Akuhamu.xml: page 1, face without id: \"id\" is missing; it must be a hexadecimal number",
                "annotations/Akuhamu.xml: page 1, text 02: \"xmin\" is \"1.5\"; it must be a whole number of pixels",
                "annotations/Akuhamu.xml: page 1, hand 01: is a <hand>; allowed are body, face, frame, text",
            ],
            faults);
        Assert.Equal(3, Assert.Single(split.Dataset.GroundTruths).Id);
    }
}
