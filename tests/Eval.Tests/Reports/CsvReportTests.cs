using System.Globalization;
using Serve.Eval.Coco;
using Serve.Eval.Usb;

namespace Serve.Eval.Tests.Reports;

public class CsvReportTests
{
    private const string Head = "scope,categoryId,category,number,value,lower,upper,standardError";

    [Fact]
    public void A_row_is_a_number_and_none_is_empty()
    {
        var lines = ReportExamples.Plain(CocoProtocol.BoundingBox with { IouThresholds = [0.5] }).ToCsv().Split("\r\n");

        Assert.Equal(Head, lines[0]);
        Assert.Equal("summary,,,AP,0.8877887788778878,,,", lines[1]);
        Assert.Equal("summary,,,AP75,,,,", lines[3]);
        Assert.Contains("category,2,dog,AP,0.6633663366336634,,,", lines);
        Assert.Contains("category,2,dog,objects,3,,,", lines);
        Assert.Contains("category,4,none,AP,,,,", lines);
        Assert.Equal("", lines[^1]);
    }

    [Fact]
    public void Numbers_read_back_to_the_same_bits()
    {
        var report = ReportExamples.Full();

        var rows = Rows(report.ToCsv()).Where(row => row[0] == "summary").ToList();

        Assert.Equal(report.StatsNames, rows.Select(row => row[3]));
        Assert.Equal(report.Stats, rows.Select(row => row[4].Length == 0 ? -1 : double.Parse(row[4], CultureInfo.InvariantCulture)));
        Assert.Equal(report.Intervals!.Estimates.Take(rows.Count).Select(estimate => estimate.Interval?.Lower), rows.Select(row => row[5].Length == 0 ? (double?)null : double.Parse(row[5], CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Names_with_commas_and_quotes_are_quoted()
    {
        var rows = Rows(ReportExamples.Full().ToCsv());

        Assert.All(rows, row => Assert.Equal(8, row.Count));
        Assert.Contains(rows, row => row[1] == "1" && row[2] == ReportExamples.Hostile && row[3] == "AP");
    }

    [Fact]
    public void Errors_are_told_where_they_were_asked_for()
    {
        var (full, plain) = (Rows(ReportExamples.Full().ToCsv()), Rows(ReportExamples.Plain().ToCsv()));

        Assert.DoesNotContain(plain, row => row[0] == "error");
        Assert.Equal("1", full.Single(row => row is ["error", "", _, "Cls count", ..])[4]);
        Assert.Contains(full, row => row is ["error", "2", "dog", "Bkg count", "1", ..]);
    }

    [Fact]
    public void Scales_are_told_where_they_were_asked_for()
    {
        var report = ReportExamples.ByScale();
        var scales = report.Scales!;

        var rows = Rows(report.ToCsv()).Where(row => row[0] == "scale").ToList();

        Assert.DoesNotContain(Rows(ReportExamples.Plain(UsbProtocol.Coco).ToCsv()), row => row[0] == "scale");
        Assert.Equal(rows.Count, rows.Select(row => (row[1], row[3])).Distinct().Count());
        Assert.Equal(scales.Ap70, double.Parse(rows.Single(row => row is [_, "", "", "AP70", ..])[4], CultureInfo.InvariantCulture));
        Assert.Equal("", rows.Single(row => row is [_, "", "", "KAP", ..])[4]);
        foreach (var (bin, number) in scales.Measures.SelectMany(measure => measure.Bins.Select(bin => (bin, measure.Name == "COCO" ? $"COCO({bin.Name})" : bin.Name))))
        {
            Assert.Equal(bin.Ap?.ToString("R", CultureInfo.InvariantCulture) ?? "", rows.Single(row => row[3] == $"{number} AP")[4]);
            Assert.Equal(bin.Ar?.ToString("R", CultureInfo.InvariantCulture) ?? "", rows.Single(row => row[3] == $"{number} AR")[4]);
        }
        Assert.Equal(scales.PerCategory.Select(category => category.Name), rows.Where(row => row is [_, not "", _, "AP70", ..]).Select(row => row[2]));
    }

    /// <summary>Reads RFC 4180, a state at a time.</summary>
    private static List<List<string>> Rows(string csv)
    {
        List<List<string>> rows = [];
        List<string> row = [];
        var (field, isQuoted) = (new System.Text.StringBuilder(), false);
        for (var i = 0; i < csv.Length; i++)
        {
            if (isQuoted && csv[i] == '"' && i + 1 < csv.Length && csv[i + 1] == '"')
                field.Append(csv[i++]);
            else if (csv[i] == '"')
                isQuoted = !isQuoted;
            else if (!isQuoted && csv[i] is ',' or '\n')
            {
                row.Add(field.ToString());
                field.Clear();
                if (csv[i] != '\n')
                    continue;
                rows.Add(row);
                row = [];
            }
            else if (isQuoted || csv[i] != '\r')
                field.Append(csv[i]);
        }
        return rows[1..];
    }
}
