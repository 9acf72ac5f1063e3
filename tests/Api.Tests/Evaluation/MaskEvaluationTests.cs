using System.Net;
using System.Net.Http.Json;
using Serve.Api.Tests.Support;
using Serve.Eval;
using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Eval.Reports;
using Serve.Inference.Evaluation;
using Serve.Inference.Models;

namespace Serve.Api.Tests.Evaluation;

public sealed class MaskEvaluationTests : OwnServer
{
    private const string OfBoxes = "coco-bbox, lvis-bbox, lvis-fixed-bbox, voc-2007, voc-2012, usb, usb-wod, usb-m109s";

    private protected override Task<ServeApplication> StartAsync()
    {
        TestModel.Write(Folder.File("models"), "boxes", version: 1);
        TestModel.WriteWithMasks(Folder.File("models"), "masks", version: 1);
        TestDataset.Write(Folder.File("data/plain"), images: 3);
        TestDataset.Write(Folder.File("data/masked"), images: 10, masks: true);
        return ServeApplication.StartAsync(Folder.Path, ("Serve:ShardImages", "4"));
    }

    [Fact]
    public async Task Masks_of_shards_evaluate_as_those_of_the_whole_dataset()
    {
        var address = await Client.EvaluateAsync(new { dataset = "masked", split = "test", model = "masks", protocol = "coco-segm" });
        var document = await Client.WaitUntilOverAsync(address);

        Assert.Equal("done", (string)document["state"]!);
        var folder = DatasetFolder.Open(Folder.File("data/masked"));
        var dataset = await folder.ReadAsync("test", AnnotationParts.Segmentations, ct: Token);
        await using var model = DetectionModel.Load(Folder.File("models/masks/1"), "cpu");
        var table = await DatasetDetection.DetectAsync(model, folder, dataset, 0, dataset.Images.Count, 100, AnnotationParts.Segmentations, null, Token);
        var expected = EvaluationReport.From(Evaluator.Evaluate(dataset, table, CocoProtocol.Masks, ct: Token), dataset);
        // Upper halves of cells: 16 x 8 pixels.
        Assert.Equal(Enumerable.Repeat(128.0, table.Count), table.Areas.ToArray());
        Assert.Equal(expected.Stats, document["report"]!["stats"]!.AsArray().Select(value => (double)value!));
    }

    [Fact]
    public async Task Models_of_boxes_and_datasets_without_masks_are_refused()
    {
        var model = await RefusedAsync(new { dataset = "masked", model = "boxes", protocol = "coco-segm" });
        var dataset = await RefusedAsync(new { dataset = "plain", model = "masks", protocol = "coco-segm" });

        Assert.Equal($"coco-segm compares masks; the model 'boxes' gives boxes only, so that allowed for it are {OfBoxes}.", (string)model["errors"]!["protocol"]![0]!);
        Assert.Equal("plain/test: annotation id 1 has no segmentation; evaluation of masks needs polygons or run lengths of every object.", (string)dataset["errors"]!["dataset"]![0]!);
    }

    private async Task<System.Text.Json.Nodes.JsonNode> RefusedAsync(object request)
        => await Client.PostAsJsonAsync("/v1/evaluations", request, Token).ProblemAsync(HttpStatusCode.BadRequest);
}
