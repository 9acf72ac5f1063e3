using Serve.Eval;
using Serve.Eval.Usb;
using Serve.Inference.Models;
using Serve.Inference.Tests.Models;
using Serve.Inference.Usb;

namespace Serve.Inference.Tests.Usb;

public class PassportSubmissionTests
{
    private static readonly UsbDivisions Rules = UsbDivisions.Default;

    private static readonly Provenance Published = TestPassports.Full.Provenance! with
    {
        TrainedOn = [new TrainingData("m109s/68train", "", 1, 12)],
        PretrainedOn = [new TrainingData("imagenet", "", 1, 90), new TrainingData("coco/train2017", "", 1, 12)],
        AnnotationTypes = ["boxes"],
        AggressiveTuning = false,
        TestTimeAugmentation = false,
    };

    private static readonly Passport Standard = TestPassports.Full with { Input = TestPassports.Full.Input with { Width = 1344, Height = 800 }, Provenance = Published };

    [Fact]
    public void Passport_tells_the_datasets_and_the_chain_of_trainings()
    {
        var entry = PassportSubmission.Entry(Standard, Rules);

        Assert.Equal([UsbDataset.M109s], entry.Datasets);
        Assert.Equal((24, 12), (entry.ChainEpochs(Rules), entry.TargetEpochs));
        Assert.Empty(entry.ExtraData(Rules));
    }

    [Fact]
    public void Padding_does_not_count_where_the_images_are_known()
    {
        // 640 x 480 becomes 1067 x 800, 1333 x 800 stays; the input is 1344 x 800.
        var entry = PassportSubmission.Entry(Standard, Rules, [new(1, "", 640, 480), new(2, "", 1333, 800), new(3, "", 0, 0)]);

        Assert.Equal(1333 * 800, entry.MaxPixels);
        Assert.Equal("Standard", Rules.EvaluationOf(entry.MaxPixels!.Value).Id);
        Assert.Equal(1344 * 800, PassportSubmission.Entry(Standard, Rules).MaxPixels);
    }

    [Fact]
    public void What_a_passport_does_not_state_is_assumed_and_told()
    {
        var silent = PassportSubmission.Of([TestPassports.Full], Rules);
        var stated = PassportSubmission.Of([TestPassports.Full], Rules, new(["boxes", "masks"], Ahpo: true, TestTimeAugmentation: true), [new(1, "", 9, 9)]);

        Assert.Equal(
            [
                "small 1: its passport does not state kinds of annotations; boxes alone are assumed.",
                "small 1: its passport does not state how hyper-parameters were chosen; no aggressive optimisation is assumed.",
                "small 1: its passport does not state test-time augmentation; none is assumed.",
                "small 1: images are assumed to fill its input of 32 x 24 pixels; they may be smaller before padding.",
            ],
            silent.Assumptions);
        Assert.Empty(stated.Assumptions);
        Assert.Equal(["masks"], stated.OtherAnnotations);
        Assert.Equal((true, true), (stated.Ahpo, stated.TestTimeAugmentation));
    }

    [Fact]
    public void One_model_with_masks_decides_for_all()
    {
        var masks = Standard with { Provenance = Published with { AnnotationTypes = ["boxes", "masks"], AggressiveTuning = true } };

        var submission = PassportSubmission.Of([Standard, masks], Rules);

        Assert.Equal(["masks"], submission.OtherAnnotations);
        Assert.True(submission.Ahpo);
        Assert.Equal("1.6", UsbCheck.Of(submission, Rules).Training.Division);
    }

    [Fact]
    public void A_foreign_model_has_no_division()
    {
        var refused = Assert.Throws<InvalidInputException>(() => PassportSubmission.Of([TestPassports.Small], Rules));

        Assert.Equal("small 1: its passport states no provenance, so that no training division can be found; state the epochs instead.", refused.Message);
    }
}
