using System.Text.Json;
using Serve.Eval.Usb;

namespace Serve.Eval.Tests.Usb;

public class UsbCheckTests
{
    private static readonly UsbDivisions Rules = UsbDivisions.Default;

    [Fact]
    public void Results_of_lower_divisions_make_a_label_complete()
    {
        var alone = Check(Coco(300));
        var one = Check(Coco(300) with { Reported = ["1.0"] });
        var both = Check(Coco(300) with { Reported = ["1.0", "2.0"] });

        Assert.Equal(("3.0", "incomplete: needs 1.0, 2.0"), (alone.Training.Division, alone.Training.Status));
        Assert.Equal("incomplete: needs 2.0", one.Training.Status);
        Assert.Equal("complete", both.Training.Status);
        Assert.Contains("a complete USB 3.0 needs 1.0, 2.0.", alone.Training.Next);
    }

    [Fact]
    public void Epochs_of_the_whole_chain_count_but_not_those_on_ImageNet()
    {
        var submission = Submit(new UsbEntry
        {
            Model = "m",
            Datasets = [UsbDataset.Wod],
            Trained = [new("wod/f0train", 12)],
            Pretrained = [new("imagenet-1k", 90), new("coco/train2017", 24)],
        });

        var training = Check(submission).Training;

        Assert.Equal(("2.0", 36, 12, "1.0"), (training.Division, training.ChainEpochs, training.TargetEpochs, training.DivisionByTarget));
        Assert.Equal(["1.0"], training.Missing);
        Assert.Contains("m: 36 epochs: 12 on wod/f0train, before that 90 on imagenet-1k (not counted), before that 24 on coco/train2017.", training.Reasons);
        Assert.Contains("USB 1.0 allows at most 24 epochs; there are 36.", training.Next);
        Assert.Contains("USB 1.0 if only the 12 epochs on the target counted; the paper may be read either way.", training.Next);
        Assert.Contains("up to 73 epochs stay in USB 2.0; more would be USB 3.0, which asks for results at 1.0, 2.0 too.", training.Next);
    }

    [Fact]
    public void Published_schedule_is_division_1_by_both_readings()
    {
        var training = Check(Submit(new UsbEntry { Model = "m", Trained = [new("m109s/68train", 12)], Pretrained = [new("coco/train2017", 12)], Datasets = [UsbDataset.M109s] })).Training;

        Assert.Equal(("1.0", "1.0", "complete"), (training.Division, training.DivisionByTarget, training.Status));
    }

    [Fact]
    public void Datasets_of_one_training_are_passed_over_together()
        => Assert.Equal(24, Check(Submit(new UsbEntry { Model = "m", Trained = [new("coco/train2017", 24), new("wod/f0train", 20)] })).Training.ChainEpochs);

    [Fact]
    public void A_method_that_needs_masks_completes_its_label_with_masks()
    {
        var masks = Coco(73) with { OtherAnnotations = ["masks"] };

        Assert.Equal(("2.5", "incomplete: needs 1.0"), (Check(masks).Training.Division, Check(masks).Training.Status));
        Assert.Equal("complete", Check(masks with { Reported = ["1.5"] }).Training.Status);
        Assert.Equal("complete", Check(masks with { Reported = ["1.0"] }).Training.Status);
        Assert.Contains("USB 2.0 without masks; report that too if the method allows.", Check(masks).Training.Next);
    }

    [Fact]
    public void Other_data_asks_for_results_without_it()
    {
        var entry = new UsbEntry { Model = "m", Datasets = [UsbDataset.Coco], Trained = [new("coco/train2017", 12)], Pretrained = [new("objects365/train", 12), new("imagenet", 90)] };

        Assert.Equal("incomplete: needs results without objects365/train", Check(Submit(entry)).Training.Status);
        Assert.Equal("complete", Check(Submit(entry) with { ReportedWithoutExtraData = true }).Training.Status);
    }

    [Fact]
    public void Freestyle_asks_for_nothing()
    {
        var training = Check(Coco(600) with { Ahpo = true, OtherAnnotations = ["masks"] }).Training;

        Assert.Equal(("Freestyle", "complete"), (training.Division, training.Status));
        Assert.Equal(["USB 3.0 allows at most 300 epochs; there are 600."], training.Next);
    }

    [Fact]
    public void Largest_image_of_all_models_decides_the_evaluation_division()
    {
        var evaluation = Check(Submit(Entry(UsbDataset.Coco, 1333 * 800), Entry(UsbDataset.Wod, 1248 * 832))).Evaluation;

        Assert.Equal(("Standard", 1_066_400L, false), (evaluation.Division, evaluation.Pixels, evaluation.TestTimeAugmentation));
        Assert.Equal(
            ["Mini allows at most 262,144 pixels; there are 1,066,400.", "up to 1,066,667 pixels stay in Standard; more would be Large."], evaluation.Next);
    }

    [Fact]
    public void Unknown_pixels_give_no_evaluation_division()
    {
        var evaluation = Check(Submit(Entry(UsbDataset.Coco, 1333 * 800), Entry(UsbDataset.Wod, null)) with { TestTimeAugmentation = true }).Evaluation;

        Assert.Null(evaluation.Division);
        Assert.Contains("wod: the size of its images is not known.", evaluation.Reasons);
        Assert.Contains("Test-time augmentation: the largest scale counts, and results carry the mark.", evaluation.Reasons);
    }

    [Fact]
    public void Mean_is_undefined_where_a_dataset_is_missing()
    {
        var numbers = new UsbNumbers(0.5, null, null, null, 0.4, null);
        var two = Check(Coco(12) with { Results = new(new Dictionary<UsbDataset, UsbNumbers> { [UsbDataset.Coco] = numbers, [UsbDataset.M109s] = numbers }) });
        var three = Check(Coco(12) with
        {
            Results = new(new Dictionary<UsbDataset, UsbNumbers>
            {
                [UsbDataset.Coco] = numbers,
                [UsbDataset.M109s] = numbers with { Cap = 0.2, ApMedium = null },
                [UsbDataset.Wod] = numbers with { Cap = 0.2 },
            }),
        });

        Assert.Null(two.Results.Mean);
        Assert.Contains(" mCAP is undefined: there are no results on WOD.", two.ToText(Rules));
        Assert.Equal((0.3, null, 0.4), (Math.Round(three.Results.Mean!.Cap!.Value, 12), three.Results.Mean.Ap50, three.Results.Mean.ApMedium));
    }

    [Fact]
    public void A_model_of_other_data_has_a_division_all_the_same()
    {
        var verdict = Check(Submit(new UsbEntry { Model = "cells", Datasets = [], Trained = [new("bccd/train", 60)], MaxPixels = 416 * 320 }) with { Assumptions = ["Boxes alone are assumed."] });

        var text = verdict.ToText(Rules).ReplaceLineEndings("\n");

        Assert.StartsWith(
            "Training division: USB 2.0 (incomplete: needs 1.0)\n - cells: 60 epochs: 60 on bccd/train.\n - cells: trained on none of COCO, WOD, M109s; the division is that of its training, and its numbers are not averaged.\n",
            text);
        Assert.Contains("\nEvaluation division: Mini USB\n", text);
        Assert.EndsWith("\nAssumed:\n - Boxes alone are assumed.\n", text);
    }

    [Fact]
    public void Epochs_alone_have_a_division()
    {
        var training = Check(Submit(new UsbEntry { Model = "stated", Trained = [new("", 12)] })).Training;

        Assert.Equal(("1.0", "complete"), (training.Division, training.Status));
        Assert.Equal(["stated: 12 epochs.", "at most 24 epochs: USB 1.0."], training.Reasons);
    }

    [Fact]
    public void Json_names_divisions_and_datasets()
    {
        using var json = JsonDocument.Parse(Check(Coco(300) with
        {
            Results = new(new Dictionary<UsbDataset, UsbNumbers> { [UsbDataset.M109s] = new(0.5, null, null, null, null, null) }),
        }).ToJson());

        Assert.Equal("incomplete: needs 1.0, 2.0", json.RootElement.GetProperty("training").GetProperty("status").GetString());
        Assert.Equal("Standard", json.RootElement.GetProperty("evaluation").GetProperty("division").GetString());
        Assert.Equal(0.5, json.RootElement.GetProperty("results").GetProperty("datasets").GetProperty("m109s").GetProperty("cap").GetDouble());
        Assert.Equal(["coco", "wod"], json.RootElement.GetProperty("results").GetProperty("missing").EnumerateArray().Select(name => name.GetString()));
    }

    private static UsbVerdict Check(UsbSubmission submission) => UsbCheck.Of(submission, Rules);

    private static UsbSubmission Coco(double epochs)
        => Submit(new UsbEntry { Model = "m", Datasets = [UsbDataset.Coco], Trained = [new("coco/train2017", epochs)], MaxPixels = 1333 * 800 });

    private static UsbEntry Entry(UsbDataset dataset, long? pixels)
        => new() { Model = dataset.ToString().ToLowerInvariant(), Datasets = [dataset], Trained = [new("coco/train2017", 12)], MaxPixels = pixels };

    private static UsbSubmission Submit(params IReadOnlyList<UsbEntry> entries) => new() { Entries = entries };
}
