using Serve.Eval.Coco;
using Serve.Eval.Reports;

namespace Serve.Eval.Tests.Reports;

public class MarkdownReportTests
{
    private static readonly CocoProtocol One = CocoProtocol.BoundingBox with { IouThresholds = [0.5], AreaRanges = [new("all", 0, 1e10)], MaxDetections = [100] };

    [Fact]
    public void A_report_is_a_heading_a_table_and_folded_categories()
        => Assert.Equal(
            """
            ### coco-bbox: AP 0.888

            3 images, 6 objects, 7 detections; annotations `0123456789ab`.

            | number | value |
            |---|--:|
            | AP | 0.888 |
            | AP50 | 0.888 |
            | AP75 | – |
            | AR@100 | 0.889 |

            <details><summary>4 categories</summary>

            | category | objects | AP | AP50 | AP75 | AR |
            |---|--:|--:|--:|--:|--:|
            | &lt;script&gt;alert("x")&lt;/script&gt; &amp; 'co', \| \*bold\* | 2 | 1.000 | 1.000 | – | 1.000 |
            | dog | 3 | 0.663 | 0.663 | – | 0.667 |
            | =cat | 1 | 1.000 | 1.000 | – | 1.000 |
            | none | 0 | – | – | – | – |

            </details>


            """,
            ReportExamples.Plain(One).ToMarkdown());

    [Fact]
    public void Intervals_errors_and_the_command_are_told_where_they_are_known()
    {
        var report = ReportExamples.Full();

        var lines = report.ToMarkdown().Split('\n');

        var interval = report.Intervals!["AP"].Interval!;
        Assert.StartsWith(ReportNumber.Text($"### coco-bbox: AP {report.Stats[0]:0.000} ({interval.Lower:0.000} to {interval.Upper:0.000})"), lines[0], StringComparison.Ordinal);
        Assert.Contains("`results.json` on `truth.json`: 3 images, 6 objects, 7 detections; annotations `0123456789ab`.", lines);
        Assert.Contains("| number | value | 95% interval |", lines);
        Assert.Contains("| Cls | wrong category | 0.00 | 1 |", lines);
        Assert.Contains("    ./serve evaluate --truth truth.json --detections 'my results.json'", lines);
    }

    [Fact]
    public void What_changed_since_a_baseline_is_told()
    {
        var lines = ReportExamples.Plain(One with { IouThresholds = [0.9] }).ToMarkdown(ReportExamples.Plain(One with { IouThresholds = [0.9] }, worse: true)).Split('\n');

        Assert.Contains("| number | value | before | change |", lines);
        Assert.Contains("| AP | 0.779 | 0.530 | +0.249 |", lines);
        Assert.Contains("""Categories that changed most (AP): &lt;script&gt;alert("x")&lt;/script&gt; &amp; 'co', \| \*bold\* +0.748.""", string.Join('\n', lines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_baseline_of_another_kind_is_remarked()
    {
        var (now, before) = (ReportExamples.Plain(One), ReportExamples.Plain());

        var text = now.ToMarkdown(before with { DatasetHash = "other", Images = 5 });

        Assert.Contains("> **Note** The baseline was evaluated on other annotations.", text, StringComparison.Ordinal);
        Assert.Contains("> **Note** The baseline was evaluated with other parameters.", text, StringComparison.Ordinal);
        Assert.Contains("> **Note** The baseline was evaluated on 5 images, this report on 3.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("> **Note**", now.ToMarkdown(ReportExamples.Plain(One, worse: true)), StringComparison.Ordinal);
    }

    [Fact]
    public void Scales_are_told_where_they_were_asked_for()
    {
        var report = ReportExamples.ByScale();

        var lines = report.ToMarkdown().Split('\n');

        Assert.Contains("<details><summary>By scale</summary>", lines);
        Assert.Contains(ReportNumber.Text($"CAP {report.Scales!.Cap:0.000}, AP50 {report.Scales.Ap50:0.000}, AP70 {report.Scales.Ap70:0.000}, AP75 {report.Scales.Ap75:0.000}, KAP –."), lines);
        foreach (var measure in report.Scales.Measures)
        {
            Assert.Contains($"| {measure.Name} | AP | AR |", lines);
            Assert.All(measure.Bins, bin => Assert.Contains($"| {bin.Name} | {ReportNumber.Short(bin.Ap)} | {ReportNumber.Short(bin.Ar)} |", lines));
        }
        Assert.DoesNotContain("By scale", ReportExamples.Plain().ToMarkdown(), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_summary_it_says_why()
        => Assert.Contains(
            "\nNo summary: the reference's summary needs 3 detection limits; there is 1.\n",
            ReportExamples.Plain(CocoProtocol.BoundingBox with { MaxDetections = [7], StrictReference = true }).ToMarkdown(), StringComparison.Ordinal);
}
