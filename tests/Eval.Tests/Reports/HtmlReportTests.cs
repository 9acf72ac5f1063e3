using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Serve.Eval.Coco;

namespace Serve.Eval.Tests.Reports;

public partial class HtmlReportTests
{
    [Fact]
    public void Every_part_of_a_report_has_its_section()
        => Assert.Equal(
            ["numbers", "curves", "threshold", "sizes", "errors", "confusion", "categories", "images", "parameters"],
            Sections(XDocument.Parse(ReportExamples.Full().ToHtml())));

    [Fact]
    public void Parts_that_are_missing_leave_no_gap()
        => Assert.Equal(["numbers", "curves", "sizes", "categories", "parameters"], Sections(XDocument.Parse(ReportExamples.Plain().ToHtml())));

    [Fact]
    public void Numbers_by_scale_have_a_section_of_their_own_and_are_no_headline()
    {
        var page = XDocument.Parse(ReportExamples.ByScale().ToHtml());

        Assert.Contains("scales", Sections(page));
        Assert.DoesNotContain(Tiles(page), name => name.StartsWith("RSAP", StringComparison.Ordinal));
        Assert.Contains("ASAP: average precision by scale, pixels", page.Descendants("figcaption").Select(caption => caption.Value));
        // The same without the measures that were not asked for.
        Assert.Contains("scales", Sections(XDocument.Parse((ReportExamples.ByScale() with { Scales = null }).ToHtml())));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Scales_are_called_by_their_ends(bool hasScales)
    {
        var report = ReportExamples.ByScale();

        var labels = Labels(XDocument.Parse((hasScales ? report : report with { Scales = null }).ToHtml()));

        Assert.Superset(new HashSet<string>(["all", "up to 8", "8 to 16", "512 to 1024", "from 1024", "up to 1/256", "1/256 to 1/128", "1/2 to 1"]), labels);
        if (hasScales)
            Assert.Superset(new HashSet<string>(["tiny1, 1 to 8", "reasonable, from 32", "1 to 8", "from 512"]), labels);
    }

    [Fact]
    public void Only_the_references_largest_area_is_no_limit()
    {
        var protocol = CocoProtocol.BoundingBox with { AreaRanges = [new("all", 0, 1e10), new("big", 9216, 1e5), new("huge", 1e5, 1e10)] };

        var page = XDocument.Parse(ReportExamples.Plain(protocol).ToHtml());

        Assert.Contains("all 0 to ∞ px²; big 9216 to 100000 px²; huge 100000 to ∞ px²", page.Descendants("dd").Select(value => value.Value));
    }

    [Fact]
    public void Sizes_are_called_by_their_names_and_ends()
        => Assert.Superset(
            new HashSet<string>(["small, up to 32²", "medium, 32² to 96²", "large, from 96²"]),
            Labels(XDocument.Parse(ReportExamples.Plain().ToHtml())));

    [Fact]
    public void A_report_without_summary_or_categories_is_still_a_page()
    {
        var page = XDocument.Parse(ReportExamples.Plain(CocoProtocol.BoundingBox with { MaxDetections = [7], StrictReference = true }).ToHtml());

        Assert.Contains("No summary: the reference's summary needs 3 detection limits; there is 1.", page.Descendants("li").Select(item => item.Value));
        Assert.Equal(["parameters"], Sections(XDocument.Parse((ReportExamples.Plain() with { Stats = [], StatsNames = [], Metrics = [], PerCategory = [], Curves = [] }).ToHtml())));
    }

    [Fact]
    public void Each_number_of_the_summary_stands_on_the_page_with_its_interval()
    {
        var report = ReportExamples.Full();

        var tiles = XDocument.Parse(report.ToHtml()).Descendants("dl").Where(list => (string?)list.Attribute("class") == "tiles").Elements().Select(tile => tile.Value).ToList();

        Assert.Equal(12, tiles.Count);
        for (var i = 0; i < tiles.Count; i++)
        {
            Assert.StartsWith(report.StatsNames[i] + (report.Stats[i] < 0 ? "–" : report.Stats[i].ToString("0.000", CultureInfo.InvariantCulture)), tiles[i], StringComparison.Ordinal);
            if (report.Intervals!.Estimates[i].Interval is { } interval)
                Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"{interval.Lower:0.000} to {interval.Upper:0.000}"), tiles[i], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Names_are_text_wherever_they_stand()
    {
        var html = ReportExamples.Full().ToHtml();
        var page = XDocument.Parse(html);

        Assert.Single(page.Descendants("script"));
        Assert.Empty(page.Descendants("img"));
        Assert.DoesNotContain("onerror=alert(1)>", html, StringComparison.Ordinal);
        Assert.Contains(ReportExamples.Hostile, page.Descendants("th").Select(cell => cell.Value));
        Assert.Contains(ReportExamples.HostileFile.Replace('\u0001', '\uFFFD'), page.Descendants("th").Select(cell => cell.Value));
        Assert.DoesNotContain(page.Descendants().Attributes(), attribute => attribute.Name.LocalName.StartsWith("on", StringComparison.Ordinal));
    }

    [Fact]
    public void The_page_loads_nothing()
    {
        var html = ReportExamples.Full().ToHtml();
        var page = XDocument.Parse(html);

        Assert.DoesNotMatch("https?://", html.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal));
        Assert.DoesNotMatch(@"url\(|@import", html);
        Assert.All(
            page.Descendants().Attributes().Where(attribute => attribute.Name.LocalName is "src" or "href" or "action" or "data" or "srcset"),
            attribute => Assert.StartsWith("#", attribute.Value, StringComparison.Ordinal));
        Assert.DoesNotContain(page.Descendants(), element => element.Name.LocalName is "link" or "iframe" or "object" or "base");
    }

    [Fact]
    public void The_policy_of_the_page_allows_its_own_script_and_no_other()
    {
        var page = XDocument.Parse(ReportExamples.Full().ToHtml());

        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(page.Descendants("script").Single().Value)));
        var policy = page.Descendants("meta").Single(meta => (string?)meta.Attribute("http-equiv") == "Content-Security-Policy");
        Assert.Equal($"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hash}'", (string?)policy.Attribute("content"));
    }

    [Fact]
    public void Links_lead_to_sections_and_ids_are_unique()
    {
        var page = XDocument.Parse(ReportExamples.Full().ToHtml());

        var ids = page.Descendants().Attributes("id").Select(id => id.Value).ToList();
        Assert.Equal(ids.Distinct(), ids);
        Assert.All(page.Descendants("a"), link => Assert.Contains(((string)link.Attribute("href")!)[1..], ids));
    }

    [Fact]
    public void Those_who_do_not_see_the_page_are_told_what_it_shows()
    {
        var page = XDocument.Parse(ReportExamples.Full().ToHtml());

        Assert.Equal("en", (string?)page.Root!.Attribute("lang"));
        Assert.Single(page.Descendants("h1"));
        Assert.All(page.Descendants("table"), table => Assert.False(string.IsNullOrWhiteSpace(table.Element("caption")?.Value)));
        Assert.All(page.Descendants("thead").Descendants("th"), head => Assert.Equal("col", (string?)head.Attribute("scope")));
        Assert.All(page.Descendants("tbody").Elements("tr"), row => Assert.Equal("row", (string?)row.Elements().First().Attribute("scope")));
        Assert.All(
            page.Descendants().Where(element => element.Name.LocalName == "svg"),
            picture => Assert.True((string?)picture.Attribute("aria-hidden") == "true" || !string.IsNullOrWhiteSpace((string?)picture.Attribute("aria-label"))));
        Assert.All(page.Descendants("input"), field => Assert.Contains((string)field.Attribute("id")!, page.Descendants("label").Attributes("for").Select(id => id.Value)));
    }

    [Fact]
    public void Columns_of_each_table_are_as_many_as_its_heads()
        => Assert.All(
            XDocument.Parse(ReportExamples.Full().ToHtml(ReportExamples.Plain(worse: true))).Descendants("table"),
            table => Assert.All(table.Element("tbody")!.Elements("tr"), row => Assert.Equal(table.Descendants("thead").Descendants("th").Count(), row.Elements().Count())));

    [Fact]
    public void Single_images_are_left_out_where_a_dataset_is_private()
    {
        var report = ReportExamples.Full().WithoutImages();

        Assert.DoesNotContain("images", Sections(XDocument.Parse(report.ToHtml())));
        Assert.DoesNotContain("b.png", report.ToHtml() + report.ToJson() + report.ToCsv() + report.ToMarkdown(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_changed_since_a_baseline_is_told()
    {
        var (now, before) = (ReportExamples.Plain(), ReportExamples.Plain(worse: true));

        var page = XDocument.Parse(now.ToHtml(before));

        var change = (now.Stats[0] - before.Stats[0]).ToString("+0.000", CultureInfo.InvariantCulture);
        Assert.Contains(change, page.Descendants("span").Where(span => (string?)span.Attribute("class") == "change up").Select(span => span.Value));
        Assert.Contains("change", page.Descendants("th").Select(head => head.Value));
        Assert.Contains("The baseline was evaluated under coco-segm, this report under coco-bbox.", now.ToHtml(before with { Protocol = "coco-segm" }), StringComparison.Ordinal);
    }

    [Fact]
    public void Curves_stay_inside_their_picture()
    {
        var page = XDocument.Parse(ReportExamples.Full().ToHtml());

        foreach (var picture in page.Descendants().Where(element => element.Name.LocalName == "svg" && element.Attribute("viewBox") is not null))
        {
            var box = ((string)picture.Attribute("viewBox")!).Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
            foreach (Match point in picture.Descendants().Where(element => element.Name.LocalName == "polyline").SelectMany(line => Point().Matches((string)line.Attribute("points")!)))
            {
                Assert.InRange(double.Parse(point.Groups[1].Value, CultureInfo.InvariantCulture), 0, box[2]);
                Assert.InRange(double.Parse(point.Groups[2].Value, CultureInfo.InvariantCulture), 0, box[3]);
            }
        }
    }

    private static HashSet<string> Labels(XDocument page) => [.. page.Descendants().Where(element => element.Name.LocalName == "text").Select(text => text.Value)];

    [GeneratedRegex(@"([-\d.]+),([-\d.]+)")]
    private static partial Regex Point();

    private static IEnumerable<string> Sections(XDocument page) => page.Descendants("section").Select(section => (string)section.Attribute("id")!);

    private static IEnumerable<string> Tiles(XDocument page)
        => page.Descendants("dl").Where(list => (string?)list.Attribute("class") == "tiles").Descendants("dt").Select(name => name.Value);
}
